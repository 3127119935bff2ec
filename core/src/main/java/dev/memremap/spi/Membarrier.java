// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import java.util.Optional;

/**
 * Makes all threads of this process pass a memory barrier: {@code membarrier(2)} with {@code
 * MEMBARRIER_CMD_PRIVATE_EXPEDITED}. The module {@code dev.memremap.linux} provides this service,
 * which lets threads count references without an atomic instruction.
 *
 * <p>Thread safety: implementations may be called by any thread.
 */
public interface Membarrier {
  /**
   * Registers this process for the barrier; called once, before the first {@link #pass}.
   *
   * @return empty if it is ready, else a sentence that says why it is not
   */
  Optional<String> register();

  /**
   * Returns once every thread of this process has executed a full memory barrier between the call
   * and the return.
   *
   * @throws IllegalStateException if the system refused; some threads may not have passed it then
   */
  void pass();
}
