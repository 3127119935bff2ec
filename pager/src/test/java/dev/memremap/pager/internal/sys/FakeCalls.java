// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.sys;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** A door to the C library that a test has put in the place of the real one. */
public final class FakeCalls {
  /** What a function answers. */
  @FunctionalInterface
  public interface Answer {
    /**
     * Answers.
     *
     * @return a number; null has the real function called
     */
    Number of(String function, Object[] arguments) throws Throwable;
  }

  private final Syscalls door;

  /** Makes one. */
  public FakeCalls(Answer answer) {
    this.door =
        (Syscalls)
            Proxy.newProxyInstance(
                FakeCalls.class.getClassLoader(),
                new Class<?>[] {Syscalls.class},
                (proxy, method, given) -> {
                  Number said = answer.of(method.getName(), given == null ? new Object[0] : given);
                  return said == null ? real(method, given) : as(said, method.getReturnType());
                });
  }

  private static Object as(Number said, Class<?> type) {
    return type == long.class ? (Object) said.longValue() : (Object) said.intValue();
  }

  private static Object real(Method method, Object[] given) throws Throwable {
    try {
      return method.invoke(Native.calls(), given);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** Returns the door. */
  public Syscalls door() {
    return door;
  }
}
