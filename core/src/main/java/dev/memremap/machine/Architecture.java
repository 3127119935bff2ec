// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import dev.memremap.rule.Rule;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The processor architectures that Linux runs on. Explanations need measured rules, which only
 * x86-64 has ({@link Rule#C_19 C-19}); machines of the others are read and shown, and real memory
 * of such a computer is mapped through the system's files.
 *
 * <p>Thread safety: immutable.
 */
public enum Architecture {
  /** x86 with 64 bits: page attribute table and MTRRs. */
  X86_64("x86[_-]64|amd64"),
  /** Arm with 64 bits. */
  ARM64("aarch64(_be)?|arm64"),
  /** RISC-V with 64 bits. */
  RISCV64("riscv64"),
  /** x86 with 32 bits. */
  I386("i[3-6]86|x86"),
  /** Arm with 32 bits. */
  ARM("arm.*"),
  /** RISC-V with 32 bits. */
  RISCV32("riscv32"),
  /** PowerPC with 64 bits, of either byte order. */
  PPC64("(ppc|powerpc)64(le)?"),
  /** PowerPC with 32 bits. */
  PPC("(ppc|powerpc)(le)?"),
  /** IBM Z. */
  S390X("s390x?"),
  /** LoongArch with 64 bits. */
  LOONGARCH64("loongarch64"),
  /** LoongArch with 32 bits. */
  LOONGARCH32("loongarch32|loongarch"),
  /** MIPS of either width. */
  MIPS("mips.*"),
  /** SPARC of either width. */
  SPARC("sparc(64|v9)?"),
  /** PA-RISC of either width. */
  PARISC("parisc(64)?"),
  /** Alpha. */
  ALPHA("alpha"),
  /** Itanium. */
  IA64("ia64"),
  /** Motorola 68000. */
  M68K("m68k"),
  /** SuperH. */
  SH("sh[0-9].*|sh"),
  /** ARC. */
  ARC("arc.*"),
  /** C-SKY. */
  CSKY("csky"),
  /** Hexagon. */
  HEXAGON("hexagon"),
  /** MicroBlaze. */
  MICROBLAZE("microblaze(el)?"),
  /** Nios II. */
  NIOS2("nios2"),
  /** OpenRISC. */
  OPENRISC("openrisc|or1k"),
  /** Xtensa. */
  XTENSA("xtensa");

  private final Pattern names;

  Architecture(String names) {
    this.names = Pattern.compile(names);
  }

  /** Returns the word of a machine file, such as {@code x86_64}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the architecture that {@code uname -m}, Java or Linux's source gives this name; empty
   * if it is unknown.
   */
  public static Optional<Architecture> of(String name) {
    Objects.requireNonNull(name, "name");
    return Arrays.stream(values())
        .filter(architecture -> architecture.names.matcher(name).matches())
        .findFirst();
  }
}
