// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.internal.space.ResourceTree;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.vectors.Maps;
import dev.memremap.vectors.VectorRow;
import dev.memremap.vectors.VectorRows;
import dev.memremap.vectors.VectorRun;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RequestRegionTest {
  private static final Pattern START_SIZE = Pattern.compile("(0x\\w+) size (0x\\w+)");
  private static final Pattern START_END = Pattern.compile("(0x\\w+)-(0x\\w+)");

  @RegisterExtension static final VectorRun RUN = VectorRun.of("RQ");

  static Stream<VectorRow> rows() {
    return VectorRows.withPrefix("RQ");
  }

  @ParameterizedTest
  @MethodSource("rows")
  @DisplayName("RES-6, RES-8, RES-9 requests, inserts and releases answer as the table says")
  void vector(VectorRow row) {
    ResourceTree tree = Maps.m();
    ResourceSnapshot before = tree.snapshot();
    PhysRange range = range(row.input());
    String answer;
    String refusal = "";
    try {
      answer = carryOut(row.function(), tree, range);
    } catch (MemremapException e) {
      answer = refusal(row.function(), e.errno());
      refusal = e.getMessage();
      assertThat(e.rule().id()).as(row.toString()).isEqualTo(row.rule());
      assertThat(tree.snapshot()).as("the tree after a refusal").isSameAs(before);
    }
    RUN.check(row, answer);
    checkEffect(row, tree, range, refusal);
  }

  private static PhysRange range(String input) {
    Matcher sized = START_SIZE.matcher(input);
    if (sized.matches()) {
      return PhysRange.of(Long.decode(sized.group(1)), Long.decode(sized.group(2)));
    }
    Matcher bounded = START_END.matcher(input);
    assertThat(bounded.matches()).as(input).isTrue();
    return new PhysRange(Long.decode(bounded.group(1)), Long.decode(bounded.group(2)));
  }

  private static String carryOut(String function, ResourceTree tree, PhysRange range) {
    switch (function) {
      case "request_mem_region" -> {
        tree.requestRegion(range, "driver", 0);
        return "success";
      }
      case "insert_resource" -> {
        Resource window = Resource.of(range, "window", ResourceFlags.MEM, ResourceDesc.NONE);
        tree.insertResource(tree.snapshot().root(), window);
        return "0";
      }
      case "release_mem_region" -> {
        tree.releaseRegion(range);
        return "released";
      }
      default -> throw new IllegalArgumentException(function);
    }
  }

  /** Functions that return a pointer or nothing at all do not tell the errno. */
  private static String refusal(String function, Errno errno) {
    return switch (function) {
      case "request_mem_region" -> errno == Errno.EBUSY ? "NULL" : errno.name();
      case "release_mem_region" -> errno == Errno.EINVAL ? "nothing released" : errno.name();
      default -> "-" + errno;
    };
  }

  private static void checkEffect(
      VectorRow row, ResourceTree tree, PhysRange range, String refusal) {
    List<Resource> path = tree.snapshot().pathTo(range.start());
    switch (row.effects()) {
      case "child of 0000:00:02.0, flags MEM|BUSY" -> {
        assertThat(path)
            .extracting(Resource::name)
            .containsExactly("PCI Bus 0000:00", "0000:00:02.0", "driver");
        assertThat(path.getLast().flags()).isEqualTo(ResourceFlags.MEM | ResourceFlags.BUSY);
      }
      case "inherits desc 5" -> {
        assertThat(path.getLast().name()).isEqualTo("driver");
        assertThat(path.getLast().desc().number()).isEqualTo(5);
      }
      case "top level" -> assertThat(path).extracting(Resource::name).containsExactly("driver");
      case "bus becomes its child" ->
          assertThat(tree.snapshot().pathTo(0xd0000000L))
              .extracting(Resource::name)
              .containsExactly("window", "PCI Bus 0000:00", "0000:00:02.0", "simplefb");
      case "simplefb is BUSY" -> assertThat(refusal).contains("'d0000000-d00fffff : simplefb'");
      case "System RAM is BUSY" ->
          assertThat(refusal).contains("'00100000-7fffffff : System RAM' is in the way");
      case "descends into the bus, then partial overlap with 02.0 (out of bounds)" ->
          assertThat(refusal).contains("'d0000000-dfffffff : 0000:00:02.0' is in the way");
      case "partial overlap" ->
          assertThat(refusal).contains("'c0000000-febfffff : PCI Bus 0000:00' is in the way");
      case "warning nonexistent resource" ->
          assertThat(refusal).contains("no busy region 0xd0000000-0xd007ffff to release");
      default -> throw new AssertionError("no check for the effect of " + row);
    }
  }
}
