// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;

/** A fault of the store's own code, planted by an edit of one method's byte code. */
enum PlantedStoreFault {
  /** A page has one slot. */
  SAME_SLOT("PageRecord", "free") {
    @Override
    CodeTransform edit() {
      return returning(0);
    }
  },

  /** What a flush is about to make last is overwritten while it is under way. */
  FLUSHED_MEANWHILE_FORGOTTEN("PageRecord", "free") {
    @Override
    CodeTransform edit() {
      // free(flushed, flushing) looks at the first argument twice
      return (code, element) -> {
        if (element instanceof LoadInstruction load && load.slot() == 3) {
          code.lload(1);
        } else {
          code.with(element);
        }
      };
    }
  },

  /** The newest version is overwritten if it was not flushed. */
  NEWEST_OVERWRITTEN("PageRecord", "free") {
    @Override
    CodeTransform edit() {
      return (code, element) -> {
        if (element instanceof FieldInstruction field && field.name().equalsString("newest")) {
          code.pop().iconst_m1();
        } else {
          code.with(element);
        }
      };
    }
  },

  /** A flush does not wait for the disk. */
  NO_FORCE("FileStore", "flushUpTo") {
    @Override
    CodeTransform edit() {
      return withoutCall("force");
    }
  },

  /** What a holder that is gone left is not made to last, though it counts as flushed. */
  NO_FORCE_AT_OPENING("StoreOpening", "takenOver") {
    @Override
    CodeTransform edit() {
      return withoutCall("force");
    }
  },

  /** The lease is taken without waiting for the disk. */
  NO_FORCE_OF_LEASE("StoreOpening", "written") {
    @Override
    CodeTransform edit() {
      return withoutCall("force");
    }
  },

  /** Torn pages are not looked for after a crash. */
  NOT_SETTLED("TableScan", "isWhole") {
    @Override
    CodeTransform edit() {
      return returning(1);
    }
  },

  /** A page's bytes have no checksum. */
  PAGE_UNCHECKED("Scratch", "checksum") {
    @Override
    CodeTransform edit() {
      return returning(0);
    }
  },

  /** What a force that failed may have dropped is not written again. */
  NOT_WRITTEN_AGAIN("StoreRecovery", "writeAgain") {
    @Override
    CodeTransform edit() {
      return CodeTransform.ofStateful(
          () -> {
            boolean[] done = new boolean[1];
            return (code, element) -> {
              if (!done[0]) {
                done[0] = true;
                code.return_();
              }
            };
          });
    }
  },

  /** An entry has no checksum of its own. */
  ENTRY_UNCHECKED("PageRecord", "isWhole") {
    @Override
    CodeTransform edit() {
      return returning(1);
    }
  };

  private static final ClassLoader TESTS = PlantedStoreFault.class.getClassLoader();
  private static final String PACKAGE = "dev.memremap.pager.store.";
  private static final ClassFile CLASS_FILE =
      ClassFile.of(
          ClassFile.ClassHierarchyResolverOption.of(
              ClassHierarchyResolver.ofResourceParsing(TESTS)
                  .orElse(ClassHierarchyResolver.defaultResolver())));

  private final String type;
  private final String method;

  PlantedStoreFault(String type, String method) {
    this.type = type;
    this.method = method;
  }

  abstract CodeTransform edit();

  /** The whole method becomes a return of a number. */
  private static CodeTransform returning(int number) {
    return CodeTransform.ofStateful(
        () -> {
          boolean[] done = new boolean[1];
          return (code, element) -> {
            if (!done[0]) {
              done[0] = true;
              code.loadConstant(number).ireturn();
            }
          };
        });
  }

  /** A call without arguments and answer is left out. */
  private static CodeTransform withoutCall(String name) {
    return (code, element) -> {
      if (element instanceof InvokeInstruction call && call.name().equalsString(name)) {
        code.pop();
      } else {
        code.with(element);
      }
    };
  }

  /** Loads the package anew, this fault in it, so that its classes know no others. */
  private final class Loader extends ClassLoader {
    Loader() {
      super(TESTS);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith(PACKAGE) && !name.equals("dev.memremap.Seeds")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> known = findLoadedClass(name);
        if (known != null) {
          return known;
        }
        byte[] bytes = original(name);
        if (name.equals(PACKAGE + type)) {
          bytes = edited(bytes);
        }
        return defineClass(name, bytes, 0, bytes.length);
      }
    }
  }

  private static byte[] original(String name) throws ClassNotFoundException {
    try (InputStream file = TESTS.getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (file == null) {
        throw new ClassNotFoundException(name);
      }
      return file.readAllBytes();
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  private byte[] edited(byte[] bytes) {
    ClassModel model = CLASS_FILE.parse(bytes);
    byte[] edited =
        CLASS_FILE.transformClass(
            model,
            ClassTransform.transformingMethodBodies(
                each -> each.methodName().equalsString(method), edit()));
    if (Arrays.equals(edited, CLASS_FILE.transformClass(model, ClassTransform.ACCEPT_ALL))) {
      throw new IllegalStateException("%s.%s has nothing to edit".formatted(type, method));
    }
    return edited;
  }

  /** Calls a static method of a class of this package, in which the fault is planted. */
  void call(Class<?> check, String name, Object... arguments) throws Throwable {
    Class<?>[] types =
        Arrays.stream(arguments)
            .map(each -> each instanceof Integer ? int.class : each.getClass())
            .toArray(Class<?>[]::new);
    try {
      var method = new Loader().loadClass(check.getName()).getDeclaredMethod(name, types);
      method.setAccessible(true);
      method.invoke(null, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
