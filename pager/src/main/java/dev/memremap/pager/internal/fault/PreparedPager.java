// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.internal.sys.Userfault;
import dev.memremap.pager.store.PageStore;
import java.util.function.Consumer;

/**
 * A pager that has made ready all that needs no store and no lock, so that it takes over at once.
 *
 * <p>Thread safety: one thread's.
 */
public final class PreparedPager {
  private final StateFile state;
  private final Descriptor stateFile;
  private final DevicePages device;
  private final FaultedMemory memory;

  /**
   * Prepares.
   *
   * @param stateFile the file behind {@code state}
   */
  public PreparedPager(
      StateFile state, Descriptor userfault, Descriptor memory, Descriptor stateFile) {
    this.state = state;
    this.stateFile = stateFile;
    int pageBytes = state.settings().pageBytes();
    this.device = new DevicePages(state.settings().pages(), pageBytes);
    // whether the kernel poisons was asked when the memory was opened
    Userfault of = new Userfault(userfault, Userfault.Scope.USER, state.settings().poisons());
    this.memory = new FaultedMemory(of, memory, state.base(), pageBytes);
  }

  /**
   * Serves faults from now on.
   *
   * @param takesOver whether another worker has served them before
   * @param failures told of what ends this worker
   */
  public RunningPager begin(PageStore store, boolean takesOver, Consumer<Throwable> failures)
      throws SyscallException {
    long began = System.nanoTime();
    Pager pager = new Pager(state, memory, store, device, failures);
    int[] pinned = takesOver ? new Takeover(pager, stateFile).run() : new int[0];
    RunningPager running = new RunningPager(pager, pinned);
    pager.start();
    pager.wakeAll();
    if (takesOver) {
      state.add(Counter.TAKEOVERS, 1);
      state.set(Counter.LAST_TAKEOVER, System.nanoTime() - began);
    }
    return running;
  }
}
