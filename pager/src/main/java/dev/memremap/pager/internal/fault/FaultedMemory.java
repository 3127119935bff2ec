// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.internal.sys.Userfault;
import dev.memremap.rule.Errno;
import java.lang.foreign.MemorySegment;

/**
 * The application's memory, by the numbers of its pages: what can be done to pages from outside.
 *
 * <p>After the application died, or took its mapping away, nothing is left to wake or to protect
 * from, and its pages can still be read: such calls answer ESRCH or ENOENT, which counts as done;
 * but none is put there any more.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
final class FaultedMemory {
  private static final int ESRCH = 3;

  private final Userfault userfault;
  private final Descriptor file;
  private final long base;
  private final int shift;

  /**
   * @param file what the memory is a mapping of
   * @param base where the application has mapped it
   */
  FaultedMemory(Userfault userfault, Descriptor file, long base, int pageBytes) {
    this.userfault = userfault;
    this.file = file;
    this.base = base;
    this.shift = Integer.numberOfTrailingZeros(pageBytes);
  }

  int pageBytes() {
    return 1 << shift;
  }

  /** The page that an address lies in; outside of 0 to the number of pages for a foreign one. */
  long pageOf(long address) {
    return (address - base) >>> shift;
  }

  Userfault userfault() {
    return userfault;
  }

  Descriptor file() {
    return file;
  }

  private long address(int page) {
    return base + offset(page);
  }

  private long offset(int page) {
    return (long) page << shift;
  }

  /**
   * Puts pages into memory where they are missing or poisoned, and wakes the threads that wait for
   * them. A page that is there already stays as it is.
   *
   * @param isProtected whether the first write to them is to be a fault
   * @return how many are there: fewer once the application has died, or taken its mapping away
   */
  int put(int page, int count, MemorySegment bytes, boolean isProtected) throws SyscallException {
    long end = (long) count << shift;
    long done = 0;
    while (done < end) {
      long put =
          userfault.copy(address(page) + done, bytes.address() + done, end - done, isProtected);
      if (put > 0) {
        done += put;
      } else if (put == -Errno.EEXIST.number()) {
        userfault.wake(address(page) + done, pageBytes());
        done += pageBytes();
      } else if (isAway(put)) {
        return (int) (done >> shift);
      } else if (put != -Errno.EAGAIN.number()) {
        // EAGAIN: the application changes its mappings just now
        check("UFFDIO_COPY", put);
      }
    }
    return count;
  }

  void wake(int page, long count) {
    userfault.wake(address(page), count << shift);
  }

  void protect(int page, int count) throws SyscallException {
    check("UFFDIO_WRITEPROTECT", retried(page, count, true));
  }

  void unprotect(int page, int count) throws SyscallException {
    check("UFFDIO_WRITEPROTECT", retried(page, count, false));
  }

  private int retried(int page, int count, boolean protects) {
    int result;
    do {
      long bytes = (long) count << shift;
      result =
          protects
              ? userfault.protect(address(page), bytes)
              : userfault.unprotect(address(page), bytes);
    } while (result == -Errno.EAGAIN.number());
    return isAway(result) ? 0 : result;
  }

  /** Makes each access to a missing page an error; a page that is there stays as it is. */
  void poison(int page) throws SyscallException {
    // a page that was protected when it left has left a mark of that, which poison would not
    // replace
    unprotect(page, 1);
    int result = userfault.poison(address(page), pageBytes());
    if (result != -Errno.EEXIST.number() && !isAway(result)) {
      check("UFFDIO_POISON", result);
    }
  }

  private static boolean isAway(long result) {
    return result == -ESRCH || result == -Errno.ENOENT.number();
  }

  private void check(String function, long result) throws SyscallException {
    if (result < 0) {
      throw new SyscallException(function, "the application's memory", (int) -result);
    }
  }

  /** Reads pages that are in memory. */
  void read(int page, MemorySegment into) throws SyscallException {
    // not through a mapping: a load from a hole would make a page of zeros there
    file.read(offset(page), into);
  }

  /** Takes pages out of memory. */
  void punch(int page, int count) throws SyscallException {
    file.punch(offset(page), (long) count << shift);
  }
}
