// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.resource.Memparse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel module's parser of numbers, compiled for this computer, beside the one of core. */
class KernelModuleNumbersTest {
  private static final Path SOURCES = Path.of("kernel-module");
  private static final Pattern HEADER = Pattern.compile("#include <(linux/[^>]+)>");

  /** What the sources want of the kernel's headers, which are empty here. */
  private static final String KERNEL =
      """
      #include <ctype.h>
      #include <stdarg.h>
      #include <stdbool.h>
      #include <stdint.h>
      #include <stdio.h>
      #include <string.h>
      typedef uint64_t u64;
      #define U64_MAX UINT64_MAX
      #include <errno.h>
      #define fallthrough __attribute__((fallthrough))
      #define __printf(format, first)
      struct list_head { void *next; };
      struct percpu_ref { void *data; };
      struct dev_pagemap_ops { void *page_free; };
      struct range { u64 start, end; };
      struct device;
      struct dev_pagemap;
      static inline int hex_to_bin(char digit)
      {
        return isdigit(digit) ? digit - '0' : tolower(digit) - 'a' + 10;
      }
      """;

  private static final String MAIN =
      """
      #include "judge.h"
      int main(int count, char **words)
      {
        u64 value;
        if (number(words[1], &value))
          printf("%llx", (unsigned long long)value);
        return 0;
      }
      """;

  @TempDir private static Path work;

  @BeforeAll
  static void compile() throws Exception {
    Guests.assumeNothingMissing(missingCompiler());
    Files.writeString(work.resolve("kernel.h"), KERNEL);
    Files.writeString(work.resolve("number.c"), MAIN);
    Files.writeString(work.resolve(VerbHeader.FILE), VerbHeader.of(VerbHeader.rows()));
    for (String file : List.of("judge.h", "words.c")) {
      String text = Files.readString(SOURCES.resolve(file));
      Files.writeString(work.resolve(file), text);
      for (MatchResult header : HEADER.matcher(text).results().toList()) {
        Path empty = work.resolve(header.group(1));
        Files.createDirectories(empty.getParent());
        Files.writeString(empty, "");
      }
    }
    assertThat(
            said(
                "gcc",
                "-w",
                "-I.",
                "-include",
                "kernel.h",
                "-DKERNEL_VERSION(a,b,c)=0",
                "-DLINUX_VERSION_CODE=0",
                "-onumber",
                "number.c",
                "words.c"))
        .isEmpty();
  }

  private static Optional<String> missingCompiler() {
    try {
      HostTools.find("gcc", "gcc", HostTools.searchPath());
      return Optional.empty();
    } catch (GuestUnavailableException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static String said(String... words) throws IOException {
    Process process =
        new ProcessBuilder(words).directory(work.toFile()).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "0",
        "10",
        "010",
        "0x10",
        "0xFfffffffffffffff",
        "18446744073709551615",
        "18446744073709551616",
        "0x10000000000000000",
        "4K",
        "0x1G",
        "1T",
        "16777215T",
        "16777216T",
        "4k",
        "1g",
        "0X10",
        "4KK",
        "1P",
        "0x",
        "K",
        "x",
        "1a",
        "-1",
        "+1",
        "1_0",
        "1+1"
      })
  @DisplayName("a number of the language is one, and the same one, on both sides")
  void sameNumbers(String text) throws Exception {
    assertThat(said("./number", text)).isEqualTo(ours(text));
  }

  private static String ours(String text) {
    try {
      return Long.toHexString(Memparse.parse(text));
    } catch (NumberFormatException notANumber) {
      return "";
    }
  }
}
