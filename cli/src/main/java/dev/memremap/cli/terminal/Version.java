// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * What {@code --version} prints: the command's name, the version of the root pom, and the commit
 * that was built. The build writes both into the manifest of each jar.
 */
public final class Version implements IVersionProvider {
  @Spec private @Nullable CommandSpec spec;

  /** For picocli, which then sets the command. */
  public Version() {
    this.spec = null;
  }

  @Override
  public String[] getVersion() {
    return new String[] {of(Objects.requireNonNull(spec).name())};
  }

  /**
   * Names a command with its version.
   *
   * @param command the command's name
   */
  public static String of(String command) {
    return of(command, Version.class.getPackage().getImplementationVersion());
  }

  static String of(String command, @Nullable String built) {
    return built == null
        ? command + ", version unknown: it runs from class files, and its jar has the version"
        : command + " " + built;
  }
}
