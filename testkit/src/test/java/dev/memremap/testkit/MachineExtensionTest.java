// SPDX-License-Identifier: Apache-2.0
package dev.memremap.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.suppressed;

import dev.memremap.LeakException;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** Runs classes of tests that use the extension, as a user's build would. */
class MachineExtensionTest {
  private static final PhysRange PMEM = PhysRange.of(0x1_0000_0000L, 0x1000);

  /** The machines that the classes below were handed. */
  private static final List<Machine> HANDED = new ArrayList<>();

  @BeforeEach
  void forget() {
    HANDED.clear();
  }

  private static Events run(Class<?> tests) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(tests))
        .execute()
        .testEvents();
  }

  private static Events run(Class<?> tests, String method) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectMethod(tests, method, Machine.class))
        .execute()
        .testEvents();
  }

  private static void assertClosed(Machine machine) {
    assertThatIllegalStateException()
        .isThrownBy(() -> machine.memremap(PMEM, MemremapFlag.WB))
        .withMessageContaining("closed");
  }

  private static Mapping map(Machine machine) {
    HANDED.add(machine);
    return machine.memremap(PMEM, MemremapFlag.WB);
  }

  @MachineFile("card.iomem")
  static class OfAFile {
    OfAFile(Machine machine) {
      HANDED.add(machine);
    }

    @BeforeEach
    void before(Machine machine) {
      HANDED.add(machine);
    }

    @Test
    void one(Machine machine) {
      map(machine).close();
    }

    @Test
    void two(Machine machine) {
      map(machine).close();
    }

    @AfterEach
    void after(Machine machine) {
      map(machine).close();
    }
  }

  @Test
  @DisplayName("each test has a machine of its own, one from its constructor to its @AfterEach")
  void oneForEachTest() {
    run(OfAFile.class).assertStatistics(events -> events.started(2).succeeded(2));

    assertThat(HANDED).hasSize(8);
    assertThat(HANDED.subList(0, 4)).containsOnly(HANDED.getFirst());
    assertThat(HANDED.subList(4, 8)).containsOnly(HANDED.getLast());
    assertThat(HANDED.getFirst()).isNotSameAs(HANDED.getLast());
    HANDED.forEach(MachineExtensionTest::assertClosed);
  }

  @MachineText("100000000-13fffffff : Persistent Memory")
  static class OfTheClass {
    private static Machine all;

    @BeforeAll
    static void before(Machine machine) {
      all = machine;
    }

    @Test
    void test(Machine machine) {
      assertThat(machine).isNotSameAs(all);
      map(all).close();
    }

    @AfterAll
    static void after(Machine machine) {
      assertThat(machine).isSameAs(all);
      map(all).close();
    }
  }

  @Test
  @DisplayName("a machine that @BeforeAll asks for lives until the last test has ended")
  void oneForTheClass() {
    run(OfTheClass.class).assertStatistics(events -> events.succeeded(1));

    assertThat(HANDED).hasSize(2).containsOnly(OfTheClass.all);
    assertClosed(OfTheClass.all);
  }

  @MachineFile("card.iomem")
  static class Leaking {
    @Test
    void leaks(Machine machine) {
      map(machine);
    }

    @Test
    void failsAndLeaks(Machine machine) {
      map(machine);
      throw new AssertionError("the test's own");
    }
  }

  @Test
  @DisplayName("a test that leaves a mapping open fails, and the failure names the line")
  void leaks() {
    run(Leaking.class, "leaks")
        .failed()
        .assertThatEvents()
        .haveExactly(
            1,
            event(
                finishedWithFailure(
                    instanceOf(LeakException.class),
                    message(
                        text ->
                            text.contains("mapping " + PMEM)
                                && text.contains("MachineExtensionTest.java:")))));
    HANDED.forEach(MachineExtensionTest::assertClosed);
  }

  @Test
  @DisplayName("a test's own failure comes first, and carries the leak")
  void failsAndLeaks() {
    run(Leaking.class, "failsAndLeaks")
        .failed()
        .assertThatEvents()
        .haveExactly(
            1,
            event(
                finishedWithFailure(
                    message("the test's own"), suppressed(0, instanceOf(LeakException.class)))));
  }

  @MachineFile("card.iomem")
  static class Nearest {
    @Test
    @MachineText("200000000-23fffffff : of the method")
    void method(Machine machine) {
      assertThat(machine.resource("of the method")).isNotNull();
    }

    @Test
    void parameter(
        @MachineText("200000000-23fffffff : of the parameter") Machine machine, Machine other) {
      assertThat(machine.resource("of the parameter")).isNotNull();
      assertThat(other.resource("card")).isNotNull();
    }

    @Nested
    class Inner {
      @Test
      void ofTheOuterClass(Machine machine) {
        assertThat(machine.resource("card")).isNotNull();
      }
    }

    @Nested
    class InnerWithItsOwn {
      @RegisterExtension
      private final MachineExtension machines =
          MachineExtension.of(MachineDescription.parse("100000000-13fffffff : Persistent Memory"));

      @Test
      void ofTheInnerClass(Machine machine) {
        assertThat(machine.resource("Persistent Memory")).isNotNull();
      }

      @Test
      @MachineFile("card.iomem")
      void ofTheMethod(Machine machine) {
        assertThat(machine.resource("card")).isNotNull();
      }
    }
  }

  @Test
  @DisplayName("the nearest annotation or extension gives the machine")
  void nearest() {
    run(Nearest.class).assertStatistics(events -> events.started(5).succeeded(5));
  }

  @MachineFile("card.iomem")
  static class ErrorBesideALeak {
    @Test
    void both(
        Machine older, @MachineText("100000000-13fffffff : Persistent Memory") Machine newer) {
      older
          .newDevice("model")
          .devres()
          .addAction(
              () -> {
                throw new AssertionError("an action of the test");
              });
      map(newer);
    }
  }

  @Test
  @DisplayName("an Error from one machine's close does not hide what another one was left with")
  void errorBesideALeak() {
    run(ErrorBesideALeak.class)
        .failed()
        .assertThatEvents()
        .haveExactly(
            1,
            event(
                finishedWithFailure(
                    instanceOf(LeakException.class),
                    suppressed(0, message("an action of the test")))));
  }

  static class WithChoices {
    @RegisterExtension
    static final MachineExtension MACHINES =
        MachineExtension.of(
            MachineDescription.parse("100000000-13fffffff : Persistent Memory"),
            machine -> machine.mappingLimit(1));

    @Test
    void limited(Machine machine) {
      try (Mapping first = map(machine)) {
        assertThat(first.isOpen()).isTrue();
        assertThat(catchThrowableOfType(MemremapException.class, () -> map(machine)))
            .extracting(MemremapException::errno)
            .isEqualTo(Errno.ENOMEM);
      }
    }

    @Test
    @MachineText("200000000-23fffffff : of the method")
    void named(Machine machine) {
      assertThat(machine.resource("of the method")).isNotNull();
    }
  }

  @Test
  @DisplayName("a registered extension makes machines with choices, where no annotation names one")
  void withChoices() {
    run(WithChoices.class).assertStatistics(events -> events.started(2).succeeded(2));
  }

  @MachineFile("card.iomem")
  static class FailingConstructor {
    FailingConstructor(Machine machine) {
      map(machine).close();
      throw new AssertionError("no instance");
    }

    @Test
    void test() {}
  }

  @Test
  @DisplayName("the machine of a test whose instance cannot be made is closed, too")
  void failingConstructor() {
    run(FailingConstructor.class).assertStatistics(events -> events.failed(1));

    assertThat(HANDED).hasSize(1);
    assertClosed(HANDED.getFirst());
  }

  static class Wrong {
    @Test
    @MachineFile("missing.iomem")
    void missing(Machine machine) {}

    @Test
    @MachineText("no machine")
    void unreadable(Machine machine) {}

    @Test
    @MachineFile("wrong-line.iomem")
    void wrongLine(Machine machine) {}

    @Test
    @MachineFile("not-utf-8.iomem")
    void notUtf8(Machine machine) {}

    @Test
    @MachineFile("card.iomem")
    @MachineText("100000000-13fffffff : Persistent Memory")
    void both(Machine machine) {}
  }

  @Test
  @DisplayName("a machine that cannot be made fails the test in one sentence")
  void wrong() {
    assertThat(
            run(Wrong.class).failed().stream()
                .map(
                    each ->
                        each.getRequiredPayload(TestExecutionResult.class)
                            .getThrowable()
                            .orElseThrow()
                            .getMessage()))
        .hasSize(5)
        .anySatisfy(text -> assertThat(text).contains("no resource 'missing.iomem'"))
        .anySatisfy(text -> assertThat(text).contains("no machine for").contains("'no machine'"))
        .anySatisfy(text -> assertThat(text).contains("@MachineText:1: "))
        .anySatisfy(text -> assertThat(text).contains("wrong-line.iomem:3: "))
        .anySatisfy(
            text -> assertThat(text).contains("not-utf-8.iomem:2: the line is not UTF-8; save"))
        .anySatisfy(text -> assertThat(text).contains("@MachineFile and @MachineText"));
  }
}
