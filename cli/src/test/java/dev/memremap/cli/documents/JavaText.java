// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.documents;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Java of a page, compiled: a whole program, or a part of one. */
final class JavaText {
  /** What a part of a program may name without a word. */
  private static final String IMPORTS =
      """
      import static dev.memremap.page.MemoryType.*;
      import static dev.memremap.plan.MemremapFlag.*;
      import static dev.memremap.spi.HostMemory.Permission.*;

      import dev.memremap.*;
      import dev.memremap.cache.*;
      import dev.memremap.devres.*;
      import dev.memremap.linux.*;
      import dev.memremap.machine.*;
      import dev.memremap.nvdimm.*;
      import dev.memremap.page.*;
      import dev.memremap.pager.*;
      import dev.memremap.pager.store.FileStore;
      import dev.memremap.plan.*;
      import dev.memremap.ref.*;
      import dev.memremap.resource.*;
      import dev.memremap.rule.*;
      import dev.memremap.testkit.*;
      import java.io.*;
      import java.lang.foreign.*;
      import java.nio.file.*;
      import java.time.*;
      import java.util.*;
      import java.util.concurrent.*;
      import org.junit.jupiter.api.*;
      """;

  private static final Pattern PROGRAM =
      Pattern.compile("(?m)^(import |package |(static )?void main\\()");

  private static final Pattern TYPE =
      Pattern.compile("(?m)^((final|public|sealed) )*(class|record|enum|interface) ");

  private JavaText() {}

  /**
   * The source of a block: its text where that is a program, its text behind imports where it
   * declares a type, else a program around it. What its mark gives goes before it.
   */
  static String source(Block block) {
    String given = block.mark() == null ? "" : block.mark().given();
    if (PROGRAM.matcher(block.text()).find()) {
      return block.text();
    }
    if (TYPE.matcher(block.text()).find()) {
      return IMPORTS + given + "\n" + block.text();
    }
    return IMPORTS + "void main() throws Exception {\n" + given + "\n" + block.text() + "\n}\n";
  }

  /** Compiles a source that lies in a folder, into it. */
  static void compile(Path folder, String type, String source, String place) throws IOException {
    Path file = Files.writeString(folder.resolve(type + ".java"), source + "\n");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    boolean isCompiled;
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      isCompiled =
          compiler
              .getTask(
                  said,
                  files,
                  null,
                  List.of("-proc:none", "-d", folder.toString(), "-cp", ShellProcess.CLASS_PATH),
                  null,
                  files.getJavaFileObjects(file))
              .call();
    }
    if (!isCompiled) {
      throw new AssertionError(place + " cannot be compiled:\n" + said);
    }
  }
}
