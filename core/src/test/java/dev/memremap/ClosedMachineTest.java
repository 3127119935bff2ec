// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.memremap.devres.Devres;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MemorySource;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** LIB-5: what a closed machine answers, and what its devices take while it closes. */
class ClosedMachineTest {
  private static final PhysRange WINDOW = PhysRange.parse("0xfd200000+1M");

  private static DevPagemap map() {
    return DevPagemap.over(PhysRange.parse("0x40000000+64M"))
        .type(MemoryType.GENERIC)
        .owner("test")
        .build();
  }

  /** Memory that nothing asks for. */
  private static final MemorySource NO_BYTES =
      new MemorySource() {
        @Override
        public String name() {
          return "file";
        }

        @Override
        public long sizeBytes() {
          return 4096;
        }

        @Override
        public MappedBytes map(long offset, long length, Arena arena) {
          throw new AssertionError("a closed machine maps nothing");
        }

        @Override
        public void close() {}
      };

  static Stream<Arguments> calls() {
    return Stream.of(
        call("memremap", machine -> machine.memremap(WINDOW, MemremapFlag.WC)),
        call("explain", machine -> machine.explain(WINDOW, MemremapFlag.WC)),
        call("ioremap", machine -> machine.ioremap(WINDOW)),
        call("explainIoremap", machine -> machine.explainIoremap(WINDOW)),
        call("memremapPages", machine -> machine.memremapPages(map())),
        call("explainPages", machine -> machine.explainPages(map())),
        call("lookup", machine -> machine.lookup(0x40000)),
        call("hold", machine -> machine.hold(0x40000)),
        call("getDevPagemap", machine -> machine.getDevPagemap(0x40000, null)),
        call("page", machine -> machine.page(0x40000)),
        call("pfnToPage", machine -> machine.pfnToPage(0x40000)),
        call("zone", machine -> machine.zone(0x40000)),
        call("memoryFailure", machine -> machine.memoryFailure(0x40000, 1, 0)),
        call("pagemaps", Machine::pagemaps),
        call("pagemapAt", machine -> machine.pagemapAt(0x40000)),
        call("resources", Machine::resources),
        call("resource", machine -> machine.resource("0000:00:02.0")),
        call("regionIntersects", machine -> machine.regionIntersects(WINDOW)),
        call("memtypes", Machine::memtypes),
        call("hardware", Machine::hardware),
        call("attach", machine -> machine.attach("file", NO_BYTES)),
        call("device", machine -> machine.device("0000:00:02.0")),
        call("newDevice", machine -> machine.newDevice("new")));
  }

  private static Arguments call(String name, Consumer<Machine> call) {
    return Arguments.of(name, call);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("calls")
  @DisplayName("LIB-5 a closed machine answers nothing but an IllegalStateException")
  void answersNothing(String name, Consumer<Machine> call) {
    Machine machine = Machines.machine();
    machine.memremapPages(map());
    machine.close();
    assertThatIllegalStateException()
        .as(name)
        .isThrownBy(() -> call.accept(machine))
        .withMessage("the machine is closed; make another one [LIB-5]");
  }

  @Test
  @DisplayName("LIB-5 what was taken of a closed machine is given back through it")
  void givesBack() {
    Machine machine = Machines.machine();
    Mapping mapping = machine.memremap(WINDOW, MemremapFlag.WC);
    DevPagemap map = map();
    machine.memremapPages(map);
    Page page = machine.pfnToPage(0x40000);
    DevPagemap found = Objects.requireNonNull(machine.getDevPagemap(0x40000, null));
    machine.close();
    assertThat(machine.pageToPfn(page)).isEqualTo(0x40000);
    assertThat(map.state()).isEqualTo(DevPagemap.State.DRAINING);
    assertThatIllegalStateException()
        .isThrownBy(() -> machine.memunmapPages(map))
        .withMessageContaining("it was unmapped already, and drains");
    machine.putDevPagemap(found);
    assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    assertThat(machine.liveMappings()).isEmpty();
    assertThatCode(() -> machine.memunmap(mapping)).doesNotThrowAnyException();
  }

  @Test
  @DisplayName("LIB-5 a machine whose close failed answers nothing, and its close is tried again")
  void failedClose() {
    Machine machine = Machines.machine();
    Devres devres = machine.newDevice("fails").devres();
    devres.addAction(
        () -> {
          throw new IllegalStateException("an action that fails");
        });
    assertThatIllegalStateException()
        .isThrownBy(machine::close)
        .withMessage("an action that fails");
    assertThatIllegalStateException()
        .isThrownBy(machine::resources)
        .withMessage("the machine is closed; make another one [LIB-5]");
    machine.close();
  }

  @Test
  @DisplayName("LIB-5 a machine that closes is asked by the actions of its devices")
  void answersWhileItCloses() {
    Machine machine = Machines.machine();
    List<Object> answers = new ArrayList<>();
    machine
        .newDevice("asks")
        .devres()
        .addAction(
            () -> {
              answers.add(machine.resources());
              answers.add(machine.pagemaps());
            });
    machine.close();
    assertThat(answers).hasSize(2);
  }

  @Test
  @DisplayName("LIB-5 what an action adds while its machine closes is run by the close")
  void addedMeanwhile() {
    Machine machine = Machines.machine();
    Devres other = machine.newDevice("other").devres();
    Devres own = machine.newDevice("own").devres();
    List<String> ran = new ArrayList<>();
    other.addAction(
        () -> {
          own.addAction(() -> ran.add("to a device that was released before"));
          other.addAction(() -> ran.add("to its own device"));
        });
    own.addAction(() -> other.addAction(() -> ran.add("to a device that is released after")));
    machine.close();
    assertThat(ran)
        .containsExactlyInAnyOrder(
            "to a device that was released before",
            "to its own device",
            "to a device that is released after");
    assertThat(own.size() + other.size()).isZero();
  }

  @Test
  @DisplayName("LIB-5 a device of a closed machine takes nothing more")
  void addedTooLate() {
    Machine machine = Machines.machine();
    Devres devres = machine.newDevice("late").devres();
    machine.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> devres.addAction(() -> {}))
        .withMessage(
            "device late cannot manage anything more, for its machine is closed; make another machine [LIB-5]");
    assertThat(devres.size()).isZero();
    List<String> ran = new ArrayList<>();
    assertThatIllegalStateException()
        .isThrownBy(() -> devres.addActionOrReset(() -> ran.add("reset")));
    assertThat(ran).containsExactly("reset");
  }

  /** Adds itself again each time. */
  private record Again(Devres devres) implements Runnable {
    @Override
    public void run() {
      devres.addAction(this);
    }
  }

  @Test
  @DisplayName(
      "D-5 actions that add others without end do not keep a machine from closing the rest")
  void addedWithoutEnd() {
    Machine machine = Machines.machine();
    Mapping mapping = machine.memremap(WINDOW, MemremapFlag.WC);
    Devres released = machine.newDevice("released").devres();
    new Again(machine.newDevice("again").devres()).run();
    assertThatIllegalStateException()
        .isThrownBy(machine::close)
        .withMessageStartingWith("device again was released 100 times while its machine closed");
    assertThat(mapping.isOpen()).isFalse();
    assertThatIllegalStateException()
        .as("a device that the close released takes nothing more")
        .isThrownBy(() -> released.addAction(() -> {}))
        .withMessageStartingWith("device released cannot manage anything more");
  }
}
