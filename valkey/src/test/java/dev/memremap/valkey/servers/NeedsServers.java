// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey.servers;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test, or a class of tests, that starts nodes of Valkey and Redis. Where they are not unpacked
 * it is skipped with a sentence that says what to do; with MEMREMAP_SERVERS_REQUIRED set, as in CI,
 * it runs, and fails.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(NeedsServers.Condition.class)
public @interface NeedsServers {
  /** Looks whether they are there. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      if (Engine.areThere() || System.getenv("MEMREMAP_SERVERS_REQUIRED") != null) {
        return ConditionEvaluationResult.enabled("servers are unpacked");
      }
      return ConditionEvaluationResult.disabled(
          "Valkey and Redis are not unpacked here; valkey/fetch-servers does it");
    }
  }
}
