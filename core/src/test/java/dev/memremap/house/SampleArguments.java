// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import dev.memremap.IoMemory;
import dev.memremap.Machine;
import dev.memremap.MachineBuilder;
import dev.memremap.Machines;
import dev.memremap.Mapping;
import dev.memremap.devres.Devres;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapOps;
import dev.memremap.page.PagemapRange;
import dev.memremap.page.VmemAltmap;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.plan.RemapPlan;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.IomemFormatException;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MappingLimit;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * An object of each type of the exported API, and of those that its methods take: to call a method
 * on, and to give it.
 *
 * <p>Thread safety: for one thread.
 */
final class SampleArguments implements AutoCloseable {
  private final Machine machine = Machine.simulated(Machines.qemu());
  private final DevPagemap map =
      DevPagemap.over(PhysRange.of(Machines.PMEM, 2 << 20)).type(MemoryType.GENERIC).build();
  private final Map<Class<?>, Object> samples = new HashMap<>();

  SampleArguments() {
    PagemapPlan plan = machine.explainPages(map);
    machine.memremapPages(map);
    long pfn = Machines.PMEM >>> 12;
    PhysRange range = PhysRange.of(Machines.BAR, 4096);
    Mapping mapping = machine.memremap(range, MemremapFlag.WC);
    IoMemory registers = machine.ioremap(PhysRange.of(Machines.BAR + 0x10000, 4096));
    Devres devres = new Devres();
    Refusal refusal = new Refusal(Errno.EINVAL, Rule.C_4, "refused");
    List.of(
            "x",
            'x',
            (byte) 1,
            (short) 1,
            1,
            4096L,
            1f,
            1d,
            false,
            machine,
            map,
            mapping,
            registers,
            range,
            machine.newDevice("d"),
            machine.lookup(pfn),
            machine.hold(pfn),
            machine.pfnToPage(pfn),
            Machines.qemu(),
            Machine.builder(Machines.qemu()),
            DevPagemap.over(),
            PagemapOps.none(),
            PagemapRange.of(range),
            devres,
            devres.alloc(data -> {}, "data"),
            new RemapPlan.Request(0, 4096, MemremapFlag.WC.bit(), List::of),
            new VmemAltmap(0, 0, 16),
            PercpuRef.init(),
            Resource.memoryRoot(),
            new ResourceSnapshot(Resource.memoryRoot()),
            machine.explain(range, MemremapFlag.WC),
            machine.explainIoremap(range),
            plan,
            refusal,
            new MemremapException(refusal, null),
            new IomemFormatException("text", 1, "wrong"),
            MappingLimit.ofThisSystem(),
            new MachineDescription.Bar("d", 0, range, false, null),
            Duration.ZERO,
            new InternalError("other"),
            new MemremapFlag[] {MemremapFlag.WC})
        .forEach(sample -> samples.put(sample.getClass(), sample));
    samples.put(Path.class, Path.of("machine"));
    samples.put(InputStream.class, new ByteArrayInputStream(new byte[0]));
    samples.put(Object.class, "object");
    samples.put(Throwable.class, new IllegalStateException());
    samples.put(IOException.class, new IOException());
    samples.put(Arena.class, Arena.ofAuto());
    samples.put(MemorySegment.class, MemorySegment.ofArray(new long[16]));
    samples.put(Class.class, Object.class);
    samples.put(OptionalLong.class, OptionalLong.empty());
    samples.put(Optional.class, Optional.empty());
    samples.put(List.class, List.of());
    samples.put(Set.class, Set.of());
    samples.put(Map.class, Map.of());
    samples.put(MachineBuilder.class, Machine.builder(Machines.qemu()));
  }

  /** An object of this type. */
  Object of(Class<?> type) {
    Class<?> boxed =
        type.isPrimitive() ? Array.get(Array.newInstance(type, 1), 0).getClass() : type;
    Object known = samples.get(boxed);
    if (known == null) {
      known = made(boxed);
      samples.put(boxed, known);
    }
    return known;
  }

  private Object made(Class<?> type) {
    if (type.isEnum()) {
      return type.getEnumConstants()[0];
    }
    if (type.isArray()) {
      return Array.newInstance(type.getComponentType(), 0);
    }
    if (type.isSealed()) {
      return of(type.getPermittedSubclasses()[0]);
    }
    if (type.isInterface()) {
      return Proxy.newProxyInstance(
          type.getClassLoader(), new Class<?>[] {type}, SampleArguments::nothing);
    }
    if (type.isRecord()) {
      return make(type);
    }
    throw new AssertionError("no sample of " + type + "; add one here");
  }

  private static Object nothing(Object proxy, Method method, Object[] given) {
    Class<?> type = method.getReturnType();
    return type.isPrimitive() && type != void.class
        ? Array.get(Array.newInstance(type, 1), 0)
        : null;
  }

  private Object make(Class<?> record) {
    Class<?>[] types =
        Arrays.stream(record.getRecordComponents())
            .map(component -> component.getType())
            .toArray(Class<?>[]::new);
    try {
      Constructor<?> canonical = record.getDeclaredConstructor(types);
      return canonical.newInstance(Arrays.stream(types).map(this::of).toArray());
    } catch (InvocationTargetException e) {
      throw new AssertionError("the sample of " + record + " is refused", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    machine.close();
  }
}
