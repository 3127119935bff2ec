// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import java.util.Optional;

/**
 * A barrier that one thread has all threads of this process pass: {@code membarrier(2)} with {@code
 * MEMBARRIER_CMD_PRIVATE_EXPEDITED}. A service that the module {@code dev.memremap.linux} provides;
 * with it, threads count references without an atomic instruction.
 *
 * <p>Thread safety: implementations may be called by any thread.
 */
public interface Membarrier {
  /**
   * Makes the barrier ready for this process; called once, before the first {@link #pass}.
   *
   * @return empty if it is ready, else a sentence that says why there is none
   */
  Optional<String> register();

  /**
   * Returns once every thread of this process has executed a full memory barrier between the call
   * and the return.
   *
   * @throws IllegalStateException if the system refused; then some thread may not have
   */
  void pass();
}
