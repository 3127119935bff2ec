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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
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

  /** Reads answers one after the other, and has what they told in all. */
  private static final class Reader {
    private final Map<String, String> lines = new HashMap<>();
    private long version;
    private int told;

    private void read(String answer) {
      told = 0;
      for (String line : answer.lines().toList()) {
        String[] words = line.split("\t", 3);
        switch (words[0]) {
          case "version" -> version = Long.parseLong(words[1]);
          case "all" -> lines.clear();
          case "now" -> {
            told++;
            lines.put(words[1], words[2]);
          }
          case "gone" -> {
            told++;
            assertThat(lines.remove(words[1])).isNotNull();
          }
          default -> throw new AssertionError(line);
        }
      }
    }
  }

  @Test
  @DisplayName("what changed since an answer is told alone; after all answers all is known")
  void changes() {
    Random random = new Random(27);
    List<Mapping> mappings = new ArrayList<>();
    List<PageHold> holds = new ArrayList<>();
    try (Machine machine = machine()) {
      DevPagemap map =
          DevPagemap.over(PhysRange.of(0x4000_0000L, 2 << 20)).type(MemoryType.GENERIC).build();
      machine.memremapPages(map);
      Watch watch = new Watch();
      long number = number(machine);
      Reader reader = new Reader();
      reader.read(watch.changes(number, 0));
      assertThat(reader.lines).hasSize(1);
      reader.read(watch.changes(number, reader.version));
      assertThat(reader.told).isZero();
      for (int i = 0; i < 500; i++) {
        switch (random.nextInt(4)) {
          case 0 -> {
            // few places, so that several mappings begin at one address
            PhysRange range =
                PhysRange.of(0x4800_0000L + random.nextInt(3) * 0x1000L, 0x1000L << (i & 1));
            mappings.add(machine.memremap(range, MemremapFlag.WB));
          }
          case 1 -> {
            if (!mappings.isEmpty()) {
              mappings.remove(random.nextInt(mappings.size())).close();
            }
          }
          case 2 -> holds.add(machine.hold(0x40000));
          default -> {
            if (!holds.isEmpty()) {
              holds.removeLast().close();
            }
          }
        }
        // now and then an answer was lost, and the one before it is named
        long since = reader.version - (random.nextInt(20) == 0 ? 1 : 0);
        reader.read(watch.changes(number, since));
        assertThat(reader.lines.values())
            .containsExactlyInAnyOrderElementsOf(watch.state(number).lines().toList());
      }
      mappings.forEach(Mapping::close);
      reader.read(watch.changes(number, reader.version));
      holds.add(machine.hold(0x40000));
      reader.read(watch.changes(number, reader.version));
      assertThat(reader.told).as("one page map changed").isOne();
      holds.forEach(PageHold::close);
      machine.memunmapPages(map);
      reader.read(watch.changes(number, reader.version));
      assertThat(reader.lines).isEmpty();
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
    assertThat(watch.changes(number, 0)).isEmpty();
    watch.stop();
  }

  @Test
  @DisplayName("every event since it began is counted, and the latest are told, the newest first")
  void events() {
    Watch watch = new Watch();
    try (Machine machine = machine()) {
      for (int i = 0; i < 100; i++) {
        machine.memremap(PhysRange.of(0x4900_0000L, 0x1000), MemremapFlag.WB).close();
      }
      Assertions.assertThatThrownBy(
              () -> machine.memremap(PhysRange.of(0x3fff_f000L, 0x2000), MemremapFlag.WB))
          .isInstanceOf(MemremapException.class);
      // at once: what happened before it was asked is told
      String look = watch.look(0);
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
  @DisplayName("what happened is told by the next look, however soon that comes")
  void atOnce() {
    Watch watch = new Watch();
    try (Machine machine = machine()) {
      for (int i = 1; i <= 1_000; i++) {
        machine.memremap(PhysRange.of(0x4900_0000L, 0x1000), MemremapFlag.WB).close();
        String look = watch.look(2 * i - 1);
        assertThat(lines(look, "count")).contains("count\tunmapped\t" + i);
        assertThat(lines(look, "event")).hasSize(1);
      }
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
