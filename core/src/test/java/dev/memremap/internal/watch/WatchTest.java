// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.PageHold;
import dev.memremap.internal.live.LiveMachines;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import java.lang.management.ManagementFactory;
import java.util.List;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What another process learns of this JVM's machines. */
class WatchTest {
  private static final String MAP =
      """
      # arch=x86_64
      # phys-bits=40
      00001000-3fffffff : System RAM
      40000000-4fffffff : Persistent Memory
      """;

  private static Machine machine() {
    return Machine.simulated(MachineDescription.parse(MAP));
  }

  private static long number(Machine machine) {
    return LiveMachines.all().stream()
        .filter(each -> each.machine() == machine)
        .findFirst()
        .orElseThrow()
        .number();
  }

  private static List<String> lines(String text, String first) {
    return text.lines().filter(line -> line.startsWith(first + "\t")).toList();
  }

  /** What the watch says of a machine, without the number of its resources. */
  private static String ofMachine(Watch watch, long number) {
    String line = lines(watch.look(0), "machine\t" + number).getFirst();
    return line.replaceFirst("(machine\t[0-9]+\t)[0-9]+\t", "$1").replace('\t', ' ');
  }

  @Test
  @DisplayName("it tells what lives on a machine now, also what was made before it looked")
  void state() {
    try (Machine machine = machine();
        Mapping mapping = machine.memremap(PhysRange.of(0x4800_0000L, 0x1000), MemremapFlag.WC)) {
      DevPagemap map =
          DevPagemap.over(PhysRange.of(0x4000_0000L, 2 << 20))
              .type(MemoryType.GENERIC)
              .name("a\tpool")
              .build();
      machine.memremapPages(map);
      Watch watch = new Watch();
      long number = number(machine);
      assertThat(ofMachine(watch, number)).isEqualTo("machine %d 1 1 0".formatted(number));
      try (PageHold hold = machine.hold(0x40000)) {
        assertThat(hold).isNotNull();
        assertThat(ofMachine(watch, number)).isEqualTo("machine %d 1 1 1".formatted(number));
        assertThat(watch.state(number).lines())
            .containsExactly(
                "mapping\t%d\t%d\tWC\t%d\tfalse\tfalse"
                    .formatted(0x4800_0000L, 0x4800_0fffL, MemremapFlag.WC.bit()),
                "pagemap\t%d\t%d\tLIVE\t1\tGENERIC\tWB\tpage map a pool"
                    .formatted(0x4000_0000L, 0x401f_ffffL));
      }
      assertThat(mapping.isOpen()).isTrue();
      machine.memunmapPages(map);
      watch.stop();
    }
  }

  @Test
  @DisplayName("a machine's map is a machine file with its facts, and with the resources of now")
  void map() {
    try (Machine machine = machine()) {
      Watch watch = new Watch();
      MachineDescription read = MachineDescription.parse(watch.map(number(machine)));
      assertThat(read.toText()).isEqualTo(machine.description().toText());
      assertThat(watch.map(Long.MAX_VALUE)).isEmpty();
      watch.stop();
    }
  }

  @Test
  @DisplayName("a machine that is closed is not told of")
  void closed() {
    Machine machine = machine();
    long number = number(machine);
    machine.close();
    Watch watch = new Watch();
    assertThat(lines(watch.look(0), "machine\t" + number)).isEmpty();
    assertThat(watch.map(number)).isEmpty();
    assertThat(watch.state(number)).isEmpty();
    watch.stop();
  }

  @Test
  @DisplayName("no thread of a watch keeps its JVM alive")
  void endsWithItsJvm() {
    Watch watch = new Watch();
    try {
      assertThat(Thread.getAllStackTraces().keySet())
          .filteredOn(thread -> thread.getName().equals("memremap watch"))
          .isNotEmpty()
          .allMatch(Thread::isDaemon);
    } finally {
      watch.stop();
    }
  }

  @Test
  @DisplayName("every event since it began is counted, and the latest are told, the newest first")
  void events() throws InterruptedException {
    Watch watch = new Watch();
    try (Machine machine = machine()) {
      for (int i = 0; i < 100; i++) {
        machine.memremap(PhysRange.of(0x4900_0000L, 0x1000), MemremapFlag.WB).close();
      }
      Assertions.assertThatThrownBy(
              () -> machine.memremap(PhysRange.of(0x3fff_f000L, 0x2000), MemremapFlag.WB))
          .isInstanceOf(MemremapException.class);
      String look = watch.look(0);
      // the recorder hands events on once a second
      while (lines(look, "count\trefused").isEmpty()) {
        Thread.sleep(10);
        look = watch.look(0);
      }
      assertThat(lines(look, "count"))
          .contains("count\tremapped\t100", "count\tunmapped\t100", "count\trefused\t1");
      List<String> events = lines(look, "event");
      assertThat(events).hasSize(50);
      assertThat(events.getFirst())
          .startsWith("event\t201\t")
          .endsWith("0x3ffff000+0x2000 refused, ENXIO");
      assertThat(events.get(1)).endsWith("0x49000000+0x1000 unmapped, WB");
      assertThat(lines(watch.look(201), "event")).isEmpty();
      assertThat(lines(watch.look(199), "event")).isEqualTo(events.subList(0, 2));
    } finally {
      watch.stop();
    }
  }

  @Test
  @DisplayName("JMX makes it by the name of its class alone, and calls it")
  void bean() throws JMException {
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    ObjectName name = new ObjectName("dev.memremap:type=Watch,reader=WatchTest");
    beans.createMBean(Watch.class.getName(), name);
    try (Machine machine = machine()) {
      Object said =
          beans.invoke(name, "look", new Object[] {0L}, new String[] {long.class.getName()});
      assertThat(String.valueOf(said)).contains("machine\t" + number(machine) + "\t");
    } finally {
      beans.invoke(name, "stop", new Object[0], new String[0]);
      beans.unregisterMBean(name);
    }
  }
}
