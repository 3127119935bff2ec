// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

/** What happens to a thread that waits for a page whose store does not answer. */
public enum OnOutage {
  /**
   * When the limit is over, the page is poisoned: the access fails, and so does each further one
   * until the store answers. That needs Linux 6.6.
   *
   * <p>{@link RemoteMemory}'s own accessors and {@link RemoteMemory#touch} then throw {@link
   * RemoteMemoryException}. A bare segment's access throws {@link InternalError}, in compiled code
   * a few instructions late. <strong>Native code, and those methods of the JDK that the JVM
   * replaces by code of its own (a checksum, a compression, a downcall), end the JVM</strong> when
   * they meet such a page: pin the range first.
   */
  FAIL,
  /**
   * The thread waits until the store answers. Once another thread allocates or the JVM needs a
   * safepoint for another reason, the whole JVM waits with it, and does not heed SIGTERM either.
   */
  WAIT
}
