// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.hammer;

import dev.memremap.pager.internal.process.Worker;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.internal.sys.Syscalls;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** A worker with a fault: it does not protect a page before it reads and takes it out. */
public final class UnprotectedWorker {
  private static final long WRITEPROTECT = 0xc018aa06L;

  private UnprotectedWorker() {}

  /** Runs it as a worker is run. */
  public static void main(String... arguments) {
    Syscalls real = Native.calls();
    Syscalls faulty =
        (Syscalls)
            Proxy.newProxyInstance(
                UnprotectedWorker.class.getClassLoader(),
                new Class<?>[] {Syscalls.class},
                (proxy, method, given) -> {
                  if (method.getName().equals("ioctl")
                      && (long) given[1] == WRITEPROTECT
                      && mode((long) given[2]) == 1) {
                    return 0;
                  }
                  try {
                    return method.invoke(real, given);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    Worker.run(faulty, arguments[0]);
  }

  @SuppressWarnings("restricted") // it is the argument of an ioctl
  private static long mode(long address) {
    return MemorySegment.ofAddress(address).reinterpret(24).get(ValueLayout.JAVA_LONG, 16);
  }
}
