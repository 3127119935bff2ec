// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.PageHold;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A JVM with a machine, which other processes look at. It does what it reads, a line each, and
 * prints {@code done}: {@code map}, {@code unmap}, {@code hold}, {@code drop}, {@code kill}, {@code
 * storm SECONDS RATE}. It ends with its input.
 */
final class ServedJvm implements AutoCloseable {
  private final Process process;
  private final PrintWriter orders;
  private final BufferedReader answers;

  private ServedJvm(Process process) {
    this.process = process;
    this.orders =
        new PrintWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8), true);
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts one whose page maps have a name each. */
  static ServedJvm start(int resources, int pagemaps) throws IOException {
    return start(resources, pagemaps, "pool %d");
  }

  /**
   * Starts one, whose machine is made when this returns.
   *
   * @param resources how many resources it has in addition
   * @param pagemaps how many page maps
   * @param name what they are called; %d is the number of each
   */
  static ServedJvm start(int resources, int pagemaps, String name) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.add("--enable-native-access=ALL-UNNAMED");
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), ServedJvm.class.getName()));
    line.addAll(List.of(String.valueOf(resources), String.valueOf(pagemaps), name));
    ServedJvm jvm =
        new ServedJvm(
            new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    jvm.answer();
    return jvm;
  }

  String pid() {
    return String.valueOf(process.pid());
  }

  /** Gives an order, and waits until it is carried out. */
  void order(String words) throws IOException {
    orders.println(words);
    answer();
  }

  private void answer() throws IOException {
    String answer = answers.readLine();
    if (!"done".equals(answer)) {
      throw new IOException("the other JVM said " + answer);
    }
  }

  /** Kills it. */
  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  private static final long POOL = 0x10_0000_0000L;
  private static final long SECTION = 2L << 20;
  private static final int IN_A_WINDOW = 256;

  private static String map(int resources, int pagemaps) {
    StringBuilder map = new StringBuilder("# arch=x86_64\n# phys-bits=46\n");
    map.append("00001000-3fffffff : System RAM\n40000000-4fffffff : Persistent Memory\n");
    if (pagemaps > 0) {
      map.append("%x-%x : Persistent Memory%n".formatted(POOL, POOL + pagemaps * SECTION - 1));
    }
    long start = 0x100_0000_0000L;
    for (int i = 0; i < resources; i++) {
      if (i % IN_A_WINDOW == 0) {
        map.append(
            "%x-%x : PCI Bus 0000:%02x%n"
                .formatted(start, start + IN_A_WINDOW * 0x2000L - 1, i / IN_A_WINDOW % 256));
      } else {
        map.append("  %x-%x : 0000:00:%02x.%d%n".formatted(start, start + 0xfff, i % 32, i % 8));
      }
      start += 0x2000;
    }
    return map.toString();
  }

  /** The other JVM. */
  public static void main(String[] words) throws IOException {
    int pagemaps = Integer.parseInt(words[1]);
    Machine machine =
        Machine.simulated(MachineDescription.parse(map(Integer.parseInt(words[0]), pagemaps)));
    List<DevPagemap> maps = new ArrayList<>();
    for (int i = 0; i < pagemaps; i++) {
      DevPagemap map =
          DevPagemap.over(PhysRange.of(POOL + i * SECTION, SECTION))
              .type(MemoryType.GENERIC)
              .name(words[2].formatted(i))
              .build();
      machine.memremapPages(map);
      maps.add(map);
    }
    Deque<Mapping> mappings = new ArrayDeque<>();
    Deque<PageHold> holds = new ArrayDeque<>();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println("done");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] order = line.split(" ");
      switch (order[0]) {
        case "map" -> mappings.add(map(machine, 0x4800_0000L));
        case "unmap" -> mappings.remove().close();
        case "hold" -> holds.add(machine.hold(POOL >> 12));
        case "drop" -> holds.remove().close();
        case "kill" -> machine.memunmapPages(maps.removeLast(), java.time.Duration.ZERO);
        default -> storm(machine, Integer.parseInt(order[1]), Integer.parseInt(order[2]));
      }
      System.out.println("done");
    }
    machine.close();
  }

  private static Mapping map(Machine machine, long start) {
    return machine.memremap(PhysRange.of(start, 0x1000), MemremapFlag.WB);
  }

  /** So many events, as many in each second; a mapping that is made and closed is two. */
  private static void storm(Machine machine, int seconds, int rate) {
    long began = System.nanoTime();
    long pairs = (long) seconds * rate / 2;
    for (long i = 0; i < pairs; i++) {
      long due = began + i * 2_000_000_000L / rate;
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      map(machine, 0x4900_0000L).close();
    }
  }
}
