// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a page map of 256 MiB costs a kernel: {@code memremap_pages} and {@code memunmap_pages} of a
 * GENERIC map, timed by the kernel itself in a guest. The guest is emulated in software, so its
 * times are 10 to 30 times those of hardware; the bytes are the kernel's own.
 *
 * <p>Thread safety: immutable.
 *
 * @param release the kernel's
 * @param makeNanos the least of some times that a map took to make
 * @param undoNanos the least that one took to take apart
 * @param memmapBytes the page structures of the range
 */
public record MemmapCost(String release, long makeNanos, long undoNanos, long memmapBytes) {
  /** How long the measured range is, in bytes. */
  public static final long BYTES = 256L << 20;

  private static final int TIMES = 5;
  private static final Pattern ANSWER =
      Pattern.compile("ok make=([0-9]+) undo=([0-9]+) page=([0-9]+)");
  private static final String SCRIPT =
      """
      set -e
      module=$1
      shift
      /run/guest/busybox insmod "$module" "$@"
      operation=/sys/kernel/debug/memremap_judge/operation
      for i in 1 2 3 4 5; do
        echo "cost 0x40000000+0x10000000" >$operation
        cat $operation
      done
      """;

  /**
   * Boots a guest and measures.
   *
   * @throws GuestException if that is not possible here, or goes wrong
   * @throws InterruptedException if this thread was interrupted; the guest is gone then
   */
  public static MemmapCost of(GuestKernel kernel) throws InterruptedException {
    JudgeMachine machine = JudgeMachine.QEMU_2G;
    Path module = new KernelModule(kernel).file();
    List<String> command =
        Stream.concat(
                Stream.of("/run/guest/busybox", "sh", "-c", SCRIPT, "cost", module.toString()),
                machine.moduleParameters().stream())
            .toList();
    GuestRun run = machine.guest(kernel).build().run(command, GuestLimits.find().command());
    return parse(kernel.release(), run.output());
  }

  /** Reads what the module answered. */
  static MemmapCost parse(String release, String output) {
    List<long[]> answers =
        output
            .lines()
            .map(ANSWER::matcher)
            .filter(Matcher::matches)
            .map(
                answer ->
                    new long[] {
                      Long.parseLong(answer.group(1)),
                      Long.parseLong(answer.group(2)),
                      Long.parseLong(answer.group(3))
                    })
            .collect(Collectors.toList());
    if (answers.size() != TIMES) {
      throw new IllegalStateException(
          "the module was to answer %d times what a map costs, and said: %s"
              .formatted(TIMES, output.strip()));
    }
    return new MemmapCost(
        release,
        answers.stream().mapToLong(answer -> answer[0]).min().orElseThrow(),
        answers.stream().mapToLong(answer -> answer[1]).min().orElseThrow(),
        answers.getFirst()[2] * (BYTES >>> 12));
  }
}
