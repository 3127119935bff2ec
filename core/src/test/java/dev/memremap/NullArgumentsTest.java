// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cache.CacheMode;
import dev.memremap.cache.Pat;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.page.PagemapRange;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.spi.HostMemory;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Each parameter of the public methods that a user meets first, given null. */
class NullArgumentsTest {
  private final Machine machine = Machine.simulated(Machines.qemu());
  private final Mapping mapping =
      machine.memremap(PhysRange.of(Machines.BAR, 4096), MemremapFlag.WC);
  private final DevPagemap map =
      DevPagemap.over(PhysRange.of(Machines.PMEM, 2 << 20)).type(MemoryType.GENERIC).build();

  /** An object of each type whose methods are called. */
  private Map<Class<?>, Object> receivers() {
    machine.memremapPages(map);
    return Map.of(
        Machine.class, machine,
        MachineBuilder.class, Machine.builder(Machines.qemu()),
        Mapping.class, mapping,
        IoMemory.class, machine.ioremap(PhysRange.of(Machines.BAR + 0x10000, 4096)),
        Device.class, machine.newDevice("d"),
        DevPagemap.class, map,
        DevPagemap.Builder.class, DevPagemap.over(),
        Page.class, machine.pfnToPage(Machines.PMEM >>> 12),
        PhysRange.class, PhysRange.of(0, 4096),
        PagemapRange.class, PagemapRange.of(PhysRange.of(0, 4096)));
  }

  /** An argument that is not null; the parameter beside it is the one in question. */
  private Object argument(Class<?> type) {
    Map<Class<?>, Object> values =
        Map.ofEntries(
            Map.entry(long.class, 0L),
            Map.entry(int.class, 8),
            Map.entry(boolean.class, false),
            Map.entry(String.class, "arch"),
            Map.entry(PhysRange.class, PhysRange.of(Machines.BAR, 4096)),
            Map.entry(MemremapFlag[].class, new MemremapFlag[] {MemremapFlag.WC}),
            Map.entry(Path.class, Path.of("machine")),
            Map.entry(Duration.class, Duration.ZERO),
            Map.entry(DevPagemap.class, map),
            Map.entry(Mapping.class, mapping),
            Map.entry(Pat.class, Pat.FULL),
            Map.entry(CacheMode.class, CacheMode.WB),
            Map.entry(MachineDescription.class, Machines.qemu()),
            Map.entry(HostMemory.Permission[].class, new HostMemory.Permission[0]),
            Map.entry(MemorySegment.class, MemorySegment.ofArray(new byte[8])));
    Object value = values.get(type);
    if (value != null || !type.isInterface()) {
      return value == null ? new Object() : value;
    }
    return Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> null);
  }

  @AfterEach
  void close() {
    machine.close();
  }

  @TestFactory
  @DisplayName("a null argument is refused by the parameter's name")
  List<DynamicTest> each() {
    List<DynamicTest> tests = new ArrayList<>();
    receivers()
        .forEach(
            (type, receiver) -> {
              for (Method method : type.getMethods()) {
                boolean ours = method.getDeclaringClass().getName().startsWith("dev.memremap");
                boolean ofObject = method.getName().equals("equals") || method.isBridge();
                if (ours && !ofObject) {
                  addTests(tests, receiver, method);
                }
              }
            });
    assertThat(tests).as("parameters that can be null").hasSizeGreaterThan(40);
    return tests;
  }

  private void addTests(List<DynamicTest> tests, Object receiver, Method method) {
    Parameter[] parameters = method.getParameters();
    for (int i = 0; i < parameters.length; i++) {
      boolean nullable = parameters[i].getAnnotatedType().isAnnotationPresent(Nullable.class);
      if (!parameters[i].getType().isPrimitive() && !nullable) {
        Object[] arguments = new Object[parameters.length];
        for (int j = 0; j < parameters.length; j++) {
          arguments[j] = j == i ? null : argument(parameters[j].getType());
        }
        String name = parameters[i].getName();
        boolean known = parameters[i].isNamePresent();
        tests.add(
            DynamicTest.dynamicTest(
                "%s.%s, %s %s"
                    .formatted(
                        method.getDeclaringClass().getSimpleName(),
                        method.getName(),
                        parameters[i].getType().getSimpleName(),
                        name),
                () ->
                    assertThat(nullMessage(receiver, method, arguments))
                        .matches(known ? name : "[a-z]\\w*")));
      }
    }
  }

  /** What is thrown, if it is what null deserves. */
  private static String nullMessage(Object receiver, Method method, Object[] arguments)
      throws IllegalAccessException {
    Object on = Modifier.isStatic(method.getModifiers()) ? null : receiver;
    try {
      return "nothing was thrown, but given " + method.invoke(on, arguments);
    } catch (InvocationTargetException e) {
      Throwable thrown = e.getCause();
      return thrown instanceof NullPointerException
          ? String.valueOf(thrown.getMessage())
          : thrown.toString();
    }
  }
}
