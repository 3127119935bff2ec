// SPDX-License-Identifier: Apache-2.0
package dev.memremap.windows;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Loads the library and its tests once more. In the classes that are chosen, a call of {@link
 * Steps#here} stands before each line, and within a line before whatever writes a field, changes
 * something atomically, or enters or leaves a lock.
 */
final class SteppedClasses extends ReloadedClasses {
  private static final ClassDesc STEPS = ClassDesc.of(Steps.class.getName());
  private static final MethodTypeDesc HERE =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int);
  private static final Set<String> SHARED =
      Set.of(Race.class.getName(), Steps.class.getName(), Windows.class.getName());

  private final Predicate<String> stepped;

  /**
   * Loads from where this class comes from.
   *
   * @param stepped which classes get steps, by name
   */
  SteppedClasses(Predicate<String> stepped) {
    this.stepped = stepped;
  }

  @Override
  protected boolean isShared(String name) {
    return SHARED.contains(name);
  }

  @Override
  protected byte[] changed(String name, byte[] bytes) {
    return stepped.test(name) ? withSteps(bytes) : bytes;
  }

  private static byte[] withSteps(byte[] bytes) {
    ClassModel model = ClassFile.of().parse(bytes);
    String type = model.thisClass().asInternalName().replaceAll(".*/", "");
    ClassTransform transform =
        (builder, element) -> {
          if (element instanceof MethodModel method
              && !method.methodName().equalsString(ConstantDescs.CLASS_INIT_NAME)) {
            String name = type + "." + method.methodName().stringValue();
            builder.transformMethod(method, MethodTransform.transformingCode(steps(name)));
          } else {
            builder.with(element);
          }
        };
    return ClassFile.of().transformClass(model, transform);
  }

  private static CodeTransform steps(String method) {
    return CodeTransform.ofStateful(
        () ->
            new CodeTransform() {
              private int line;

              @Override
              public void accept(CodeBuilder builder, CodeElement element) {
                if (element instanceof LineNumber number) {
                  line = number.line();
                  builder.with(element);
                  step(builder);
                } else {
                  if (element instanceof Instruction instruction && isShared(instruction)) {
                    step(builder);
                  }
                  builder.with(element);
                }
              }

              private void step(CodeBuilder builder) {
                builder
                    .loadConstant(Steps.place(method + ", line " + line))
                    .invokestatic(STEPS, "here", HERE);
              }
            });
  }

  private static boolean isShared(Instruction instruction) {
    return switch (instruction) {
      case FieldInstruction field -> field.opcode() == Opcode.PUTFIELD;
      case MonitorInstruction lock -> true;
      case InvokeInstruction call -> {
        String owner = call.owner().asInternalName();
        yield owner.equals("java/lang/invoke/VarHandle")
            || owner.startsWith("java/util/concurrent/");
      }
      default -> false;
    };
  }
}
