// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Our kernel module, built for one kernel with Debian's headers, kept in the user's cache under the
 * kernel's release and the hash of its sources. One of these, {@link VerbHeader}, is made here.
 *
 * <p>Thread safety: immutable; builds of several processes do not disturb each other, and one that
 * is cut short leaves nothing.
 */
final class KernelModule {
  private static final String FILE = "memremap_judge.ko";
  static final List<String> SOURCES =
      List.of(
          "Kbuild",
          "LICENSE",
          "devices.c",
          "cost.c",
          "failures.c",
          "judge.h",
          "main.c",
          "mappings.c",
          "memory.c",
          "page_refs.c",
          "pagemaps.c",
          "pages.c",
          "refs.c",
          "regions.c",
          "words.c");

  private final GuestKernel kernel;
  private final Path cache;
  private final List<VerbHeader.Row> verbs;

  KernelModule(GuestKernel kernel) {
    this(kernel, GuestKernel.cache().resolve("modules"), VerbHeader.rows());
  }

  /** One that is to know these verbs. */
  KernelModule(GuestKernel kernel, Path cache, List<VerbHeader.Row> verbs) {
    this.kernel = kernel;
    this.cache = cache;
    this.verbs = List.copyOf(verbs);
  }

  /**
   * The module's file, built now if it was not before.
   *
   * @throws GuestUnavailableException if headers, compiler or make are missing, or it does not
   *     build; the sentence says what to do
   */
  Path file() {
    Map<String, byte[]> sources = sources();
    Path home = cache.resolve(kernel.release() + "-" + hash(sources));
    Path file = home.resolve(FILE);
    if (!Files.exists(file)) {
      requireTools();
      build(sources, home);
    }
    return file;
  }

  /** Says so where it could not be built. */
  void requireTools() {
    Path headers = kernel.headersDirectory();
    Path variables = headers.resolve(".kernelvariables");
    if (!Files.isReadable(variables)) {
      throw new GuestUnavailableException(
          "no headers for the guest's kernel in " + headers, "conformance/fetch-kernel");
    }
    HostTools.find("make", "make", HostTools.searchPath());
    compiler();
  }

  private Compiler compiler() {
    return Compiler.like(kernel.headersDirectory().resolve(".kernelvariables"));
  }

  private void build(Map<String, byte[]> sources, Path home) {
    try {
      Files.createDirectories(cache);
      try (ScratchDirectory work = ScratchDirectory.create(cache, ".build")) {
        for (Map.Entry<String, byte[]> source : sources.entrySet()) {
          Files.write(work.path().resolve(source.getKey()), source.getValue());
        }
        make(work);
        Files.createDirectories(home);
        Files.move(
            work.path().resolve(FILE),
            home.resolve(FILE),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void make(ScratchDirectory work) throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(HostTools.find("make", "make", HostTools.searchPath()).toString(), "-s"));
    command.addAll(List.of("-C", kernel.headersDirectory().toString(), "M=" + work.path()));
    // type information would need pahole, which may be missing, and is not used
    command.add("CONFIG_DEBUG_INFO_BTF_MODULES=");
    command.addAll(compiler().makeVariables());
    command.add("modules");
    Process make = work.start(command, ProcessBuilder.Redirect.PIPE);
    String said = new String(make.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (make.waitFor() != 0) {
        throw new GuestUnavailableException(
            "the kernel module did not build for " + kernel.release() + ": " + said.strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GuestUnavailableException("the build of the kernel module was interrupted");
    }
  }

  private Map<String, byte[]> sources() {
    Map<String, byte[]> sources = new LinkedHashMap<>();
    sources.put(VerbHeader.FILE, VerbHeader.of(verbs).getBytes(StandardCharsets.UTF_8));
    for (String name : SOURCES) {
      try (InputStream in = KernelModule.class.getResourceAsStream("kernel-module/" + name)) {
        if (in == null) {
          throw new FileNotFoundException("The module's " + name + " is missing in this build");
        }
        sources.put(name, in.readAllBytes());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return sources;
  }

  private static String hash(Map<String, byte[]> sources) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      sources.forEach(
          (name, bytes) -> {
            digest.update(name.getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
          });
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
