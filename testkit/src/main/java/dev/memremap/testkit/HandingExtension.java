// SPDX-License-Identifier: Apache-2.0
package dev.memremap.testkit;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Closes a machine that an extension hands out when the test or class that got it has ended. {@link
 * HandedMachines} has the machines.
 */
abstract sealed class HandingExtension
    implements ParameterResolver, AfterEachCallback, AfterAllCallback
    permits MachineExtension, NamedMachineExtension {

  @Override
  public ExtensionContextScope getTestInstantiationExtensionContextScope(
      ExtensionContext rootContext) {
    return ExtensionContextScope.TEST_METHOD;
  }

  @Override
  public void afterEach(ExtensionContext context) {
    HandedMachines.close(context);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    HandedMachines.close(context);
  }
}
