// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.internal.sys.Syscalls;
import dev.memremap.pager.internal.sys.Userfault;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test, or a class of tests, that opens a remote memory. Where this computer refuses userfaultfd,
 * as a container's seccomp profile does, it is skipped with a sentence that says what to do; with
 * MEMREMAP_GUEST_REQUIRED set, as in CI, it runs, and fails.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsUserfaultfd.Condition.class)
public @interface NeedsUserfaultfd {
  /** Looks whether it can be had. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return evaluate(Native::calls, System.getenv("MEMREMAP_GUEST_REQUIRED") != null);
    }

    static ConditionEvaluationResult evaluate(Supplier<Syscalls> calls, boolean required) {
      try {
        Userfault.open(calls.get()).close();
        return ConditionEvaluationResult.enabled("userfaultfd can be had");
      } catch (SyscallException e) {
        return refused(Userfault.refusal(e), required);
      } catch (UnsupportedOperationException e) {
        return refused(String.valueOf(e.getMessage()), required);
      }
    }

    private static ConditionEvaluationResult refused(String why, boolean required) {
      return required
          ? ConditionEvaluationResult.enabled(why)
          : ConditionEvaluationResult.disabled(why);
    }
  }
}
