// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.memremap.spi.SegmentAccess;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The library that knows how this processor writes its caches back to persistent memory: {@code
 * pmem_persist} and {@code pmem_drain}.
 *
 * <p>Thread safety: immutable; the functions may be called by many threads.
 */
final class Libpmem implements Flusher {
  /** What to install where it is missing, for a sentence. */
  static final String MISSING = "libpmem is not installed ('apt-get install libpmem1')";

  private static final String LIBRARY = "libpmem.so.1";

  private final Functions functions;

  /** The two functions, so that a test sees what they are called with. */
  interface Functions {
    void persist(long address, long length);

    void drain();
  }

  Libpmem(Functions functions) {
    this.functions = functions;
  }

  /** The installed library; empty if it is missing. */
  static Optional<Libpmem> installed() {
    return Installed.LIBPMEM;
  }

  /** Looked for once, when it is first asked for. */
  private static final class Installed {
    static final Optional<Libpmem> LIBPMEM = load();

    @SuppressWarnings("restricted") // the descriptors are those of the library's manual
    private static Optional<Libpmem> load() {
      try {
        SymbolLookup library = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
        Linker linker = Linker.nativeLinker();
        MethodHandle persist =
            linker.downcallHandle(
                library.findOrThrow("pmem_persist"),
                FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG));
        MethodHandle drain =
            linker.downcallHandle(library.findOrThrow("pmem_drain"), FunctionDescriptor.ofVoid());
        return Optional.of(new Libpmem(new Native(persist, drain)));
      } catch (IllegalArgumentException
          | IllegalCallerException
          | java.util.NoSuchElementException notThere) {
        return Optional.empty();
      }
    }
  }

  private record Native(MethodHandle persistHandle, MethodHandle drainHandle) implements Functions {
    @Override
    public void persist(long address, long length) {
      try {
        persistHandle.invokeExact(address, length);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new AssertionError("a downcall throws nothing of its own", e);
      }
    }

    @Override
    public void drain() {
      try {
        drainHandle.invokeExact();
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new AssertionError("a downcall throws nothing of its own", e);
      }
    }
  }

  /**
   * Touches each page before the native function does: a fault here is an exception, a fault there
   * would end the process. Memory that goes away between the two cannot be caught.
   */
  @Override
  public void persist(MemorySegment segment, long offset, long length) {
    SegmentAccess.touch(segment, offset, length);
    functions.persist(segment.address() + offset, length);
  }

  @Override
  public void drain() {
    functions.drain();
  }
}
