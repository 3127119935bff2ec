// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import dev.memremap.resource.PhysRange;
import dev.memremap.rule.PlainText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The text of {@code /proc/mtrr}: a register a line. It lists neither the default type, which holds
 * where no register does, nor AMD's TOM2, which makes memory above 4 GiB write-back.
 *
 * <p>Thread safety: immutable.
 *
 * @param registers the registers that are in use
 * @param odd the lines that are not registers, in words for a person: {@code line 3, 'reg02: ?'}
 */
record MtrrText(List<Register> registers, List<String> odd) {
  private static final Pattern LINE =
      Pattern.compile(
          "reg[0-9]+: base=0x([0-9a-f]{1,16}) \\(\\s*[0-9]+MB\\), size=\\s*([0-9]{1,12})([KM])B,.*: (\\S+)");
  private static final long FOUR_GIB = 1L << 32;
  private static final int EXCERPT = 80;

  /**
   * One register.
   *
   * @param range what it is about
   * @param writeBack whether its type is write-back
   */
  record Register(PhysRange range, boolean writeBack) {}

  /** Reads the text; lines that are not registers are skipped and listed. */
  static MtrrText parse(String text) {
    List<Register> registers = new ArrayList<>();
    List<String> odd = new ArrayList<>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      Optional<Register> register = register(line);
      register.ifPresent(registers::add);
      if (register.isEmpty() && !line.isBlank()) {
        odd.add(oddLine(number, line));
      }
    }
    return new MtrrText(registers, odd);
  }

  /** A line that was skipped, in words for a person. */
  static String oddLine(int number, String line) {
    return "line %d, '%s'".formatted(number, PlainText.beginning(line, EXCERPT));
  }

  private static Optional<Register> register(String line) {
    Matcher register = LINE.matcher(line.strip());
    if (!register.matches()) {
      return Optional.empty();
    }
    long size = Long.parseLong(register.group(2)) << (register.group(3).equals("K") ? 10 : 20);
    try {
      PhysRange range = PhysRange.of(Long.parseUnsignedLong(register.group(1), 16), size);
      return Optional.of(new Register(range, register.group(4).equals("write-back")));
    } catch (IllegalArgumentException noRange) {
      return Optional.empty();
    }
  }

  /**
   * What the registers say, with a default type that is assumed. Firmware that sets registers to
   * write-back has uncachable as its default; firmware that sets none to write-back has write-back.
   *
   * @param lastAddress the machine's last address
   * @param byTom2 the addresses above 4 GiB that TOM2 would make write-back, unless a register
   *     lists something there
   * @return null if the text lists no register although it is not empty: then nothing is known
   */
  MachineDescription.@Nullable Mtrrs toMtrrs(long lastAddress, List<PhysRange> byTom2) {
    if (registers.isEmpty()) {
      return odd.isEmpty() ? MachineDescription.Mtrrs.OFF : null;
    }
    List<PhysRange> listed = registers.stream().map(Register::range).toList();
    List<PhysRange> uncachable = new ArrayList<>();
    List<PhysRange> writeBack = new ArrayList<>();
    registers.forEach(each -> (each.writeBack ? writeBack : uncachable).add(each.range));
    if (!writeBack.isEmpty()) {
      boolean nothingAbove =
          listed.stream()
              .allMatch(range -> Long.compareUnsigned(range.endInclusive(), FOUR_GIB) < 0);
      List<PhysRange> covered = new ArrayList<>(writeBack);
      if (nothingAbove) {
        covered.addAll(byTom2);
      }
      uncachable.addAll(gaps(covered, lastAddress));
    }
    uncachable.sort(Comparator.naturalOrder());
    return new MachineDescription.Mtrrs(false, uncachable, listed);
  }

  private static List<PhysRange> gaps(List<PhysRange> covered, long last) {
    List<PhysRange> gaps = new ArrayList<>();
    long next = 0;
    for (PhysRange range : covered.stream().sorted().toList()) {
      if (Long.compareUnsigned(range.start(), next) > 0) {
        gaps.add(new PhysRange(next, range.start() - 1));
      }
      if (Long.compareUnsigned(range.endInclusive(), next) >= 0) {
        next = range.endInclusive() + 1;
      }
    }
    if (Long.compareUnsigned(next, last) <= 0) {
      gaps.add(new PhysRange(next, last));
    }
    return gaps;
  }
}
