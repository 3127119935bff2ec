// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.libc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * A function of the C library with at most six arguments, each a whole number or an address. It
 * returns what the function returns, or, if that is -1, its errno, negated. A call allocates
 * nothing, unless a text is given.
 *
 * <p>All are called in one form, six numbers of 64 bits, although most have fewer and narrower
 * ones: a function of any ABI that Linux has for 64 bits takes its first arguments from registers,
 * looks at the lower half of one for an {@code int}, and leaves the others alone. The JVM makes
 * code for each form when it is first used, and each process of a memory would do that for twenty
 * of them: 0.1 s of a processor's time.
 *
 * <p>Thread safety: it is immutable, and each thread has a place of its own for {@code errno}.
 *
 * @param symbol where it is
 */
public record CFunction(MemorySegment symbol) {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final ThreadLocal<MemorySegment> PLACE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

  private static final MethodHandle NUMBERS =
      form(
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  /** Made when a segment is first given: its arena stays open for as long as the call takes. */
  private static final class OfMemory {
    static final MethodHandle MEMORY =
        form(FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG));
  }

  /** Finds the function of that name. */
  public static CFunction of(String name) {
    return new CFunction(LINKER.defaultLookup().findOrThrow(name));
  }

  @SuppressWarnings("restricted") // the callers' arguments are those of the manual pages
  private static MethodHandle form(FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(descriptor, Linker.Option.captureCallState("errno"));
  }

  /** Calls one that returns a {@code long} or an address. */
  public long toLong(long a, long b, long c, long d, long e, long f) {
    MemorySegment place = PLACE.get();
    try {
      long result = (long) NUMBERS.invokeExact(symbol, place, a, b, c, d, e, f);
      return result == -1 ? -(int) ERRNO.get(place, 0L) : result;
    } catch (Throwable thrown) {
      throw none(thrown);
    }
  }

  /** Calls one that returns an {@code int}; the upper half of its register says nothing. */
  public int toInt(long a, long b, long c, long d, long e) {
    MemorySegment place = PLACE.get();
    try {
      int result = (int) (long) NUMBERS.invokeExact(symbol, place, a, b, c, d, e, 0L);
      return result == -1 ? -(int) ERRNO.get(place, 0L) : result;
    } catch (Throwable thrown) {
      throw none(thrown);
    }
  }

  /**
   * Calls one that returns a {@code long}, whose second argument is memory.
   *
   * @param memory native memory
   */
  public long toLong(long a, MemorySegment memory, long c, long d) {
    MemorySegment place = PLACE.get();
    try {
      long result = (long) OfMemory.MEMORY.invokeExact(symbol, place, a, memory, c, d);
      return result == -1 ? -(int) ERRNO.get(place, 0L) : result;
    } catch (Throwable thrown) {
      throw none(thrown);
    }
  }

  /** As with five arguments. */
  public int toInt(long a, long b, long c, long d) {
    return toInt(a, b, c, d, 0);
  }

  /** As with five arguments. */
  public int toInt(long a, long b, long c) {
    return toInt(a, b, c, 0, 0);
  }

  /** As with five arguments. */
  public int toInt(long a, long b) {
    return toInt(a, b, 0, 0, 0);
  }

  /** As with five arguments. */
  public int toInt(long a) {
    return toInt(a, 0, 0, 0, 0);
  }

  /** As with six arguments. */
  public long toLong(long a, long b, long c, long d) {
    return toLong(a, b, c, d, 0, 0);
  }

  /** As with six arguments. */
  public long toLong(long a, long b, long c) {
    return toLong(a, b, c, 0, 0, 0);
  }

  /** As with six arguments. */
  public long toLong(long a, long b) {
    return toLong(a, b, 0, 0, 0, 0);
  }

  /** Calls one that returns an {@code int}, whose first argument is a text. */
  public int toInt(String text, long b, long c) {
    try (Arena arena = Arena.ofConfined()) {
      return toInt(arena.allocateFrom(text).address(), b, c);
    }
  }

  private static Error none(Throwable thrown) {
    if (thrown instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (thrown instanceof Error error) {
      return error;
    }
    return new AssertionError("a downcall throws nothing of its own", thrown);
  }
}
