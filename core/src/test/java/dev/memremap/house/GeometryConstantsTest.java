// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The condition "each constant of geometry in PageGeometry". A class knows one where it names a
 * constant so, or shifts a number by the width of a page, subsection or section.
 */
class GeometryConstantsTest {
  private static final Pattern NAMES =
      Pattern.compile("(.*_)?(PAGE|PAGES|PFN|SECTION|SUBSECTION|PHYSMEM|PHYSICAL)(_.*)?");

  /** Log2 of 4 KiB, of 2 MiB in pages and in bytes, and of 128 MiB. */
  private static final Set<Integer> WIDTHS = Set.of(12, 9, 21, 27);

  private static final Set<Opcode> SHIFTS =
      Set.of(Opcode.ISHL, Opcode.ISHR, Opcode.IUSHR, Opcode.LSHL, Opcode.LSHR, Opcode.LUSHR);

  /** What looks so, and is something else. */
  private static final Set<String> OTHERWISE =
      Set.of(
          // the pieces that an encrypted view is copied in
          "dev/memremap/internal/crypt/TransformedView",
          // the pages of the host, which the JVM runs on
          "dev/memremap/spi/SegmentAccess",
          // the size of a page structure, and how many pages of them compound pages share
          "dev/memremap/page/KernelMemmap",
          // the bits of a slot in a word
          "dev/memremap/ref/CellOwners");

  private static List<String> constants(ClassModel type) {
    List<String> found = new ArrayList<>();
    String name = type.thisClass().asInternalName();
    for (FieldModel field : type.fields()) {
      if (field.findAttribute(Attributes.constantValue()).isPresent()
          && NAMES.matcher(field.fieldName().stringValue()).matches()) {
        found.add(name + "." + field.fieldName());
      }
    }
    for (MethodModel method : type.methods()) {
      method
          .code()
          .ifPresent(code -> shifts(code.elementList(), name + "#" + method.methodName(), found));
    }
    return found;
  }

  private static void shifts(List<CodeElement> code, String where, List<String> found) {
    CodeElement before = null;
    for (CodeElement element : code) {
      if (element instanceof OperatorInstruction shift
          && SHIFTS.contains(shift.opcode())
          && before instanceof ConstantInstruction constant
          && constant.constantValue() instanceof Integer width
          && WIDTHS.contains(width)) {
        found.add(where + " shifts by " + width);
      }
      before = element instanceof java.lang.classfile.Instruction ? element : before;
    }
  }

  private static List<ClassModel> core() throws IOException, URISyntaxException {
    Path root = Path.of(Machine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<ClassModel> core = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
        core.add(ClassFile.of().parse(file));
      }
    }
    return core;
  }

  private static ClassModel read(Class<?> type) throws IOException {
    try (var in =
        Objects.requireNonNull(
            type.getResourceAsStream("/" + type.getName().replace('.', '/') + ".class"))) {
      return ClassFile.of().parse(in.readAllBytes());
    }
  }

  @Test
  @DisplayName("each constant of geometry in PageGeometry")
  void inOnePlace() throws Exception {
    List<String> found = new ArrayList<>();
    for (ClassModel type : core()) {
      String name = type.thisClass().asInternalName();
      if (!OTHERWISE.contains(name)) {
        found.addAll(constants(type));
      }
    }
    assertThat(found)
        .containsExactly("dev/memremap/internal/geometry/PageGeometry.SUBSECTION_SHIFT");
  }

  private static final class Planted {
    private static final long SECTION_BYTES = 128L << 20;

    static long pfn(long address) {
      return address >>> 12;
    }

    static boolean isInFirstSection(long address) {
      return address < SECTION_BYTES;
    }
  }

  @Test
  @DisplayName("a constant of a section's size and a shift by a page's width are noticed")
  void aPlantedViolationIsNoticed() throws Exception {
    assertThat(constants(read(Planted.class)))
        .satisfiesExactly(
            field -> assertThat(field).endsWith("Planted.SECTION_BYTES"),
            shift -> assertThat(shift).endsWith("Planted#pfn shifts by 12"));
    assertThat(Planted.pfn(0x3fff)).isEqualTo(3);
    assertThat(Planted.isInFirstSection(0)).isTrue();
  }
}
