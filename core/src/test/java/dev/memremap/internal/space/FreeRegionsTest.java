// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.Seeds;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceDesc;
import dev.memremap.resource.ResourceFlags;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The search for a free range beside one that tries each place, as kernels do. */
class FreeRegionsTest {
  private static final long SECTION = PageGeometry.X86_64.sectionBytes();

  /** Sections of a base; so few that a search tries each place. */
  private static final int SECTIONS = 48;

  private static final long END = SECTIONS * SECTION;

  @ParameterizedTest
  @ValueSource(strings = {"5.10", "6.1", "6.12", "7.3"})
  @DisplayName("RES-11 what is passed over at once is what trying each place passes over")
  void eachPlace(String kernel) {
    int[] answers = new int[2];
    Seeds.check(
        400,
        random -> {
          Resource root = root(random);
          FreeRegions search =
              FreeRegions.of(PageGeometry.X86_64, KernelRules.choose(kernel).rules(), END);
          PhysRange base = base(random);
          long size = 1 + random.nextLong(6 * SECTION);
          String down = answer(() -> search.downwards(root, base, size, range -> true));
          assertThat(down).isEqualTo(plainDown(root, base, size, search));
          long align = SECTION >>> random.nextInt(3);
          Resource within = Resource.of(base, "base", ResourceFlags.MEM, ResourceDesc.NONE);
          Resource below =
              within.withChildren(
                  root.children().stream().filter(c -> base.contains(c.range())).toList());
          String up = answer(() -> search.upwards(below, size, align));
          assertThat(up).isEqualTo(plainUp(below, size, align, search));
          answers[down.startsWith("E") ? 1 : 0]++;
          answers[up.startsWith("E") ? 1 : 0]++;
        });
    assertThat(answers[0]).as("found").isGreaterThan(100);
    assertThat(answers[1]).as("not found").isGreaterThan(40);
  }

  private static String answer(Supplier<PhysRange> search) {
    PhysRange[] found = new PhysRange[1];
    MemremapException none =
        catchThrowableOfType(MemremapException.class, () -> found[0] = search.get());
    return none == null ? found[0].toString() : none.errno().name();
  }

  private static Resource root(RandomGenerator random) {
    List<Resource> children = new ArrayList<>();
    long at = random.nextLong(6 * SECTION);
    while (at < END) {
      long size = 1 + random.nextLong(4 * SECTION);
      PhysRange range = PhysRange.of(at, size);
      children.add(Resource.of(range, "taken", ResourceFlags.MEM, ResourceDesc.NONE));
      at += size + (random.nextInt(4) == 0 ? 0 : random.nextLong(6 * SECTION));
    }
    return Resource.memoryRoot().withChildren(children);
  }

  private static PhysRange base(RandomGenerator random) {
    long start = random.nextInt(3) == 0 ? 0 : random.nextLong(END);
    return new PhysRange(start, start + random.nextLong(2 * END - start));
  }

  private static boolean isFree(Resource within, long start, long bytes) {
    PhysRange range = PhysRange.of(start, bytes);
    return within.children().stream().noneMatch(child -> child.range().overlaps(range));
  }

  private static String plainDown(Resource within, PhysRange base, long size, FreeRegions search) {
    long bytes = (size + SECTION - 1) / SECTION * SECTION;
    long step = search.byAlignment() ? SECTION : bytes;
    long last = Math.min(base.endInclusive(), END - 1);
    for (long start = last - bytes + 1;
        Long.compareUnsigned(start, step) > 0 && Long.compareUnsigned(start, base.start()) >= 0;
        start -= step) {
      if (start < 0) {
        return (search.belowBase() ? Errno.ERANGE : Errno.ENOMEM).name();
      }
      if (isFree(within, start, bytes)) {
        return PhysRange.of(start, bytes).toString();
      }
    }
    return Errno.ERANGE.name();
  }

  private static String plainUp(Resource base, long size, long align, FreeRegions search) {
    long bytes = (size + align - 1) / align * align;
    long step = search.byAlignment() ? align : bytes;
    long from = base.range().start();
    long first = search.byAlignment() ? Math.max(from, align) : from;
    for (long start = (first + align - 1) / align * align;
        start >= step && start <= Math.min(base.range().endInclusive(), END - 1);
        start += step) {
      if (isFree(base, start, bytes)) {
        return PhysRange.of(start, bytes).toString();
      }
    }
    return Errno.ERANGE.name();
  }
}
