// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import java.lang.classfile.AccessFlags;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/** How a class is made weaker: an edit of its byte code. */
enum Weakening {
  /** A compare-and-set of a method becomes a store. */
  CAS_BECOMES_STORE {
    @Override
    boolean code(CodeBuilder builder, CodeElement element) {
      if (!(element instanceof InvokeInstruction call)
          || !call.owner().asSymbol().equals(desc(VarHandle.class))
          || !call.name().stringValue().endsWith("ompareAndSet")) {
        return false;
      }
      ClassDesc[] taken =
          call.typeSymbol().parameterList().stream()
              .map(type -> type.isPrimitive() ? type : ConstantDescs.CD_Object)
              .toArray(ClassDesc[]::new);
      MethodTypeDesc type = MethodTypeDesc.of(ConstantDescs.CD_boolean, taken);
      builder.invokestatic(
          desc(Weak.class), "store", type.insertParameterTypes(0, desc(VarHandle.class)));
      return true;
    }
  },

  /** An atomic addition of a method becomes a read and a write. */
  ADDITION_BECOMES_STORE {
    @Override
    boolean code(CodeBuilder builder, CodeElement element) {
      if (!(element instanceof InvokeInstruction call)
          || !call.owner().asSymbol().equals(desc(AtomicLong.class))
          || !call.name().equalsString("incrementAndGet")) {
        return false;
      }
      builder.invokestatic(
          desc(Weak.class),
          "increment",
          MethodTypeDesc.of(ConstantDescs.CD_long, desc(AtomicLong.class)));
      return true;
    }
  },

  /** A method takes no lock. */
  LOCK_IS_LEFT_OUT {
    @Override
    int flags(int flags) {
      return flags & ~ClassFile.ACC_SYNCHRONIZED;
    }

    @Override
    boolean code(CodeBuilder builder, CodeElement element) {
      if (element instanceof MonitorInstruction) {
        builder.pop();
        return true;
      }
      return false;
    }
  },

  /** A method changes an array that is published instead of a copy. */
  COPY_IS_LEFT_OUT {
    @Override
    boolean code(CodeBuilder builder, CodeElement element) {
      return element instanceof InvokeInstruction call && call.name().equalsString("clone");
    }
  },

  /** A field is volatile no longer. */
  FIELD_BECOMES_PLAIN {
    @Override
    int flags(int flags) {
      return flags & ~ClassFile.ACC_VOLATILE;
    }
  };

  /** What the flags of the field or method become. */
  int flags(int flags) {
    return flags;
  }

  /** Writes something in an instruction's place, if it is to be changed. */
  boolean code(CodeBuilder builder, CodeElement element) {
    return false;
  }

  /**
   * A class with a weakened field or method.
   *
   * @throws IllegalArgumentException if there is nothing to weaken
   */
  byte[] of(byte[] bytes, String member) {
    ClassModel model = ClassFile.of().parse(bytes);
    ClassTransform transform =
        (builder, element) -> {
          if (element instanceof MethodModel method && method.methodName().equalsString(member)) {
            builder.transformMethod(method, method());
          } else if (element instanceof FieldModel field
              && field.fieldName().equalsString(member)) {
            builder.transformField(
                field,
                (fields, part) -> {
                  if (part instanceof AccessFlags flags) {
                    fields.withFlags(flags(flags.flagsMask()));
                  } else {
                    fields.with(part);
                  }
                });
          } else {
            builder.with(element);
          }
        };
    byte[] weakened = ClassFile.of().transformClass(model, transform);
    if (Arrays.equals(weakened, ClassFile.of().transformClass(model, ClassTransform.ACCEPT_ALL))) {
      throw new IllegalArgumentException(
          "%s has no %s where %s".formatted(model.thisClass().asInternalName(), member, this));
    }
    return weakened;
  }

  private MethodTransform method() {
    CodeTransform code =
        (builder, element) -> {
          if (!code(builder, element)) {
            builder.with(element);
          }
        };
    MethodTransform ofCode = MethodTransform.transformingCode(code);
    return ofCode.andThen(
        (methods, part) -> {
          if (part instanceof AccessFlags flags) {
            methods.withFlags(flags(flags.flagsMask()));
          } else {
            methods.with(part);
          }
        });
  }

  private static ClassDesc desc(Class<?> type) {
    return type.describeConstable().orElseThrow();
  }
}
