// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.FieldRefEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.ConstantInstruction.ArgumentConstantInstruction;
import java.lang.classfile.instruction.ConstantInstruction.LoadConstantInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StackInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.lang.constant.ConstantDesc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Instructions of one class as text, nearly as {@code javap -c} prints them:
 *
 * <pre>
 *   javap                                                        here
 *   getfield      #54  // Field RemapRules$Request.flags:J       getfield Request.flags
 *   invokevirtual #88  // Method tryGetSlowly:(JJ)Z              invokevirtual tryGetSlowly
 *   ldc2_w        #92  // long 3l                                ldc 3l
 *   aload         5                                              aload 5
 *   ifeq          27                                             ifeq OUT
 * </pre>
 *
 * <p>An owner has neither package nor outer class, and a member of the class itself has no owner. A
 * branch has a label, which is any name.
 *
 * @param type the class whose constant pool the instructions use
 */
record JavapText(ClassModel type) {
  /** The lines of a text, which end with a line or a semicolon. */
  static List<String> lines(String text) {
    return text.lines()
        .flatMap(line -> List.of(line.split(";")).stream())
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .toList();
  }

  // ---- from instructions to text -----------------------------------------------------------

  /** An instruction as text; a branch without its label. */
  String of(Instruction instruction) {
    String mnemonic = instruction.opcode().name().toLowerCase(Locale.ROOT);
    boolean alone = instruction.sizeInBytes() == 1;
    return switch (instruction) {
      case LoadConstantInstruction load -> "ldc " + literal(load.constantValue());
      case ArgumentConstantInstruction push -> mnemonic + " " + push.constantValue();
      case LoadInstruction load -> alone ? mnemonic : mnemonic + " " + load.slot();
      case StoreInstruction store -> alone ? mnemonic : mnemonic + " " + store.slot();
      case FieldInstruction access -> mnemonic + " " + member(access.field());
      case InvokeInstruction invoke -> mnemonic + " " + member(invoke.method());
      case NewObjectInstruction made -> mnemonic + " " + simpleName(made.className());
      case NewPrimitiveArrayInstruction made ->
          mnemonic + " " + made.typeKind().upperBound().displayName();
      case NewReferenceArrayInstruction made -> mnemonic + " " + simpleName(made.componentType());
      case TypeCheckInstruction check -> mnemonic + " " + simpleName(check.type());
      default -> mnemonic;
    };
  }

  private static String literal(ConstantDesc value) {
    return value + (value instanceof Long ? "l" : value instanceof Float ? "f" : "");
  }

  private String member(MemberRefEntry member) {
    String name = member.name().stringValue();
    return member.owner().equals(type.thisClass()) ? name : simpleName(member.owner()) + "." + name;
  }

  private static String simpleName(ClassEntry type) {
    return type.asInternalName().replaceAll(".*[/$]", "");
  }

  // ---- from text to instructions -----------------------------------------------------------

  /** Where a text occurs in some code, and which labels its branches have there. */
  record Place(int first, List<Instruction> found, Map<String, Label> labels) {
    int end() {
      return first + found.size();
    }
  }

  /** Every place where instructions follow each other as in a text. */
  List<Place> find(List<Instruction> code, String text) {
    List<String> lines = lines(text);
    List<Place> places = new ArrayList<>();
    for (int first = 0; first + lines.size() <= code.size(); first++) {
      List<Instruction> candidate = code.subList(first, first + lines.size());
      Map<String, Label> labels = new HashMap<>();
      boolean same = !lines.isEmpty();
      for (int i = 0; i < lines.size() && same; i++) {
        same = is(candidate.get(i), lines.get(i), labels);
      }
      if (same) {
        places.add(new Place(first, candidate, labels));
      }
    }
    return places;
  }

  private boolean is(Instruction instruction, String line, Map<String, Label> labels) {
    if (instruction instanceof BranchInstruction branch) {
      String[] words = line.split(" ", 2);
      String label = words.length == 2 ? words[1] : "";
      return of(branch).equals(words[0])
          && labels.computeIfAbsent(label, name -> branch.target()).equals(branch.target());
    }
    return of(instruction).equals(line);
  }

  /**
   * Writes a text in place of what was found.
   *
   * <p>The line {@code found} stands for what was found, {@code NAME:} places a label, and a member
   * must be in the constant pool of the class already.
   *
   * @throws IllegalArgumentException with a sentence if a line cannot be written
   */
  void write(String text, Place place, CodeBuilder code) {
    Map<String, Label> labels = new HashMap<>(place.labels);
    for (String line : lines(text)) {
      if (line.endsWith(":")) {
        labels.put(line.substring(0, line.length() - 1), code.newLabel());
      }
    }
    for (String line : lines(text)) {
      if (line.equals("found")) {
        place.found.forEach(code::with);
      } else if (line.endsWith(":")) {
        code.labelBinding(labels.get(line.substring(0, line.length() - 1)));
      } else {
        write(line, labels, code);
      }
    }
  }

  private void write(String line, Map<String, Label> labels, CodeBuilder code) {
    String[] words = line.split(" ", 2);
    String operand = words.length == 2 ? words[1] : "";
    Opcode opcode = opcode(words[0]);
    switch (opcode.kind()) {
      case LOAD -> code.with(LoadInstruction.of(opcode, slot(line)));
      case STORE -> code.with(StoreInstruction.of(opcode, slot(line)));
      case FIELD_ACCESS ->
          code.with(FieldInstruction.of(opcode, (FieldRefEntry) named(operand, true)));
      case INVOKE -> code.with(InvokeInstruction.of(opcode, named(operand, false)));
      case BRANCH -> code.with(BranchInstruction.of(opcode, label(operand, labels)));
      case CONSTANT -> writeConstant(opcode, operand, code);
      case OPERATOR -> code.with(OperatorInstruction.of(opcode));
      case STACK -> code.with(StackInstruction.of(opcode));
      case RETURN -> code.with(ReturnInstruction.of(opcode));
      default ->
          throw new IllegalArgumentException(
              "'%s' can be found, but not written; add it to JavapText".formatted(line));
    }
  }

  private static Label label(String name, Map<String, Label> labels) {
    Label label = labels.get(name);
    if (label == null) {
      throw new IllegalArgumentException("no line is '%s:'".formatted(name));
    }
    return label;
  }

  private static Opcode opcode(String mnemonic) {
    try {
      return Opcode.valueOf(mnemonic.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("no instruction '%s'".formatted(mnemonic), e);
    }
  }

  /** 1 for {@code aload_1}, 5 for {@code aload 5}. */
  private static int slot(String line) {
    return Integer.parseInt(line.substring(Math.max(line.indexOf(' '), line.indexOf('_')) + 1));
  }

  private static void writeConstant(Opcode opcode, String operand, CodeBuilder code) {
    switch (opcode) {
      case BIPUSH, SIPUSH ->
          code.with(ConstantInstruction.ofArgument(opcode, Integer.parseInt(operand)));
      case LDC -> code.ldc(constant(operand));
      default -> code.with(ConstantInstruction.ofIntrinsic(opcode));
    }
  }

  /** A long for {@code 3l}, else a string. */
  private static ConstantDesc constant(String literal) {
    return literal.matches("-?[0-9]+l")
        ? Long.parseLong(literal.substring(0, literal.length() - 1))
        : literal;
  }

  private MemberRefEntry named(String text, boolean field) {
    List<MemberRefEntry> members = new ArrayList<>();
    for (PoolEntry entry : type.constantPool()) {
      if (entry instanceof MemberRefEntry member
          && member instanceof FieldRefEntry == field
          && member(member).equals(text)) {
        members.add(member);
      }
    }
    if (members.size() != 1) {
      throw new IllegalArgumentException(
          "the constant pool has %d %s '%s', not one"
              .formatted(members.size(), field ? "fields" : "methods", text));
    }
    return members.getFirst();
  }
}
