// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.rule.Errno;
import dev.memremap.spi.Membarrier;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Provides {@code membarrier(2)} of Linux 4.14 and later, which makes counting references cheap.
 *
 * <p>Thread safety: {@link #pass} may be called from any thread, once {@link #register} has
 * returned.
 */
public final class LinuxMembarrier implements Membarrier {
  private static final int QUERY = 0;
  private static final int PRIVATE_EXPEDITED = 1 << 3;
  private static final int REGISTER_PRIVATE_EXPEDITED = 1 << 4;
  private static final int NEEDED = PRIVATE_EXPEDITED | REGISTER_PRIVATE_EXPEDITED;

  /** No kernel has such a command. */
  private static final int NONSENSE = 1 << 30;

  private final Supplier<Syscalls> door;
  private @Nullable Syscalls calls; // written by register, before the object is handed on

  /** For {@link java.util.ServiceLoader}. */
  public LinuxMembarrier() {
    this(Native::calls);
  }

  LinuxMembarrier(Supplier<Syscalls> door) {
    this.door = door;
  }

  @Override
  public Optional<String> register() {
    // without that permission the JVM would print a warning, which faster counts are not worth
    if (!LinuxMembarrier.class.getModule().isNativeAccessEnabled()) {
      return Optional.of(
          "native access is not enabled, and membarrier is a native call; --enable-native-access=dev.memremap.linux enables it (ALL-UNNAMED on the class path)");
    }
    try {
      Syscalls opened = door.get();
      calls = opened;
      return whyNot(opened);
    } catch (UnsupportedOperationException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static Optional<String> whyNot(Syscalls calls) {
    int commands = calls.membarrier(QUERY);
    if (commands < 0) {
      return Optional.of("membarrier answers %s here".formatted(ErrnoException.name(-commands)));
    }
    if ((commands & NEEDED) != NEEDED) {
      return Optional.of(
          "this kernel's membarrier has no PRIVATE_EXPEDITED; its commands are 0x%x"
              .formatted(commands));
    }
    if (calls.membarrier(NONSENSE) >= 0) {
      return Optional.of("membarrier grants a command that no kernel has, and cannot be trusted");
    }
    int registered = calls.membarrier(REGISTER_PRIVATE_EXPEDITED);
    return registered == 0
        ? Optional.empty()
        : Optional.of(
            "membarrier refused to register: %s".formatted(ErrnoException.name(-registered)));
  }

  @Override
  public void pass() {
    Syscalls opened = calls;
    int result = opened == null ? -Errno.EPERM.number() : opened.membarrier(PRIVATE_EXPEDITED);
    if (result != 0) {
      throw new IllegalStateException(
          "membarrier failed with %s although it was registered; try again, or start with -Ddev.memremap.percpu=stripes"
              .formatted(ErrnoException.name(-result)));
    }
  }
}
