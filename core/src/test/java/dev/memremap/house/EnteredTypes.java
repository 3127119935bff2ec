// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import dev.memremap.windows.ReloadedClasses;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Loads the library once more, with a call at the start of each of its methods that notes which
 * type is entered. Methods are those that were written and those that the compiler adds:
 * constructors, a record's accessors, the bodies of lambdas, default and static methods of
 * interfaces. Initializers of classes are left out, and so are the classes of flight-recorder
 * events: they are entered where a recorder was started, which another test in this JVM may have
 * done.
 *
 * <p>Thread safety: {@code NOTED} is a concurrent set; {@code noting} is volatile, and set by the
 * thread that counts.
 */
public final class EnteredTypes extends ReloadedClasses {
  private static final String TESTS = EnteredTypes.class.getPackageName() + ".";
  private static final String EVENTS = "dev.memremap.internal.event.";
  private static final ClassDesc HERE = ClassDesc.of(EnteredTypes.class.getName());
  private static final MethodTypeDesc ENTERED =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String);
  private static final int RUNS_BEFORE = 20;
  private static final Set<String> NOTED = ConcurrentHashMap.newKeySet();
  private static volatile boolean noting;

  private EnteredTypes() {}

  /** What is counted; made and run in the library that is loaded once more. */
  public interface Work extends AutoCloseable {
    /** Makes something, which is closed before the next run. */
    AutoCloseable run();

    @Override
    void close();
  }

  /**
   * What one warm run entered.
   *
   * @param types the top-level types
   */
  record Entered(Set<Class<?>> types) {
    /** Those that are neither a record, an enum nor an interface. */
    List<Class<?>> classes() {
      return types.stream()
          .filter(type -> !type.isRecord() && !type.isEnum() && !type.isInterface())
          .toList();
    }
  }

  /**
   * Does some work a few times, so that all it needs is loaded, and then once more and notes what
   * that enters.
   */
  static Entered by(Class<? extends Work> type) throws Exception {
    EnteredTypes loader = new EnteredTypes();
    var constructor = loader.loadClass(type.getName()).getDeclaredConstructor();
    constructor.setAccessible(true);
    try (Work work = (Work) constructor.newInstance()) {
      for (int i = 0; i < RUNS_BEFORE; i++) {
        work.run().close();
      }
      NOTED.clear();
      noting = true;
      AutoCloseable made;
      try {
        made = work.run();
      } finally {
        noting = false;
      }
      made.close();
    }
    Set<Class<?>> types = new LinkedHashSet<>();
    for (String name : new TreeSet<>(NOTED)) {
      types.add(loader.loadClass(name));
    }
    return new Entered(types);
  }

  /** Called by each method of the library. */
  public static void entered(String type) {
    if (noting) {
      NOTED.add(type);
    }
  }

  @Override
  protected boolean isShared(String name) {
    return name.startsWith(EnteredTypes.class.getName());
  }

  @Override
  protected byte[] changed(String name, byte[] bytes) {
    return name.startsWith(TESTS) || name.startsWith(EVENTS) ? bytes : noting(name, bytes);
  }

  private static byte[] noting(String name, byte[] bytes) {
    int nested = name.indexOf('$');
    String type = nested < 0 ? name : name.substring(0, nested);
    CodeTransform noteFirst =
        new CodeTransform() {
          @Override
          public void atStart(CodeBuilder builder) {
            builder.loadConstant(type).invokestatic(HERE, "entered", ENTERED);
          }

          @Override
          public void accept(CodeBuilder builder, CodeElement element) {
            builder.with(element);
          }
        };
    return ClassFile.of()
        .transformClass(
            ClassFile.of().parse(bytes),
            ClassTransform.transformingMethodBodies(
                method -> !method.methodName().equalsString(ConstantDescs.CLASS_INIT_NAME),
                noteFirst));
  }
}
