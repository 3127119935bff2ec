// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.state;

import dev.memremap.pager.store.StoreLocation;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;

/**
 * What a remote memory was opened with, as every process of it needs to know it.
 *
 * @param store where its pages are; it may have a password, so {@link #shown} is what is shown
 * @param bytes how many bytes it has; a multiple of {@code pageBytes}
 * @param pageBytes how many bytes a page has
 * @param residentBytes how many of them are in memory at most
 * @param limit how long a fault waits for the store before the page is poisoned
 * @param poisons whether pages are poisoned at all
 * @param keepsDirty whether pages that were not flushed go to the store when the application dies
 * @param folder where the sockets of its processes are
 * @param classPath what its processes are started with
 * @param workerMain the class that a worker runs
 * @param owner the memory's number, above 0, by which its store tells it from other memories
 */
public record Settings(
    URI store,
    long bytes,
    int pageBytes,
    long residentBytes,
    Duration limit,
    boolean poisons,
    boolean keepsDirty,
    Path folder,
    String classPath,
    String workerMain,
    long owner) {

  /** Returns where its pages are, without a password. */
  public URI shown() {
    return StoreLocation.shown(store);
  }

  /** Returns how many pages it has. */
  public int pages() {
    return Math.toIntExact(bytes / pageBytes);
  }

  /** Returns how many pages are in memory at most. */
  public int residentPages() {
    return Math.toIntExact(residentBytes / pageBytes);
  }

  byte[] toBytes() {
    Properties all = new Properties();
    all.setProperty("store", store.toString());
    all.setProperty("bytes", Long.toString(bytes));
    all.setProperty("pageBytes", Integer.toString(pageBytes));
    all.setProperty("residentBytes", Long.toString(residentBytes));
    all.setProperty("limit", limit.toString());
    all.setProperty("poisons", Boolean.toString(poisons));
    all.setProperty("keepsDirty", Boolean.toString(keepsDirty));
    all.setProperty("folder", folder.toString());
    all.setProperty("classPath", classPath);
    all.setProperty("workerMain", workerMain);
    all.setProperty("owner", Long.toString(owner));
    StringWriter text = new StringWriter();
    try {
      all.store(text, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  static Settings of(byte[] text) {
    Properties all = new Properties();
    try {
      all.load(new StringReader(new String(text, StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Settings(
        URI.create(all.getProperty("store")),
        Long.parseLong(all.getProperty("bytes")),
        Integer.parseInt(all.getProperty("pageBytes")),
        Long.parseLong(all.getProperty("residentBytes")),
        Duration.parse(all.getProperty("limit")),
        Boolean.parseBoolean(all.getProperty("poisons")),
        Boolean.parseBoolean(all.getProperty("keepsDirty")),
        Path.of(all.getProperty("folder")),
        all.getProperty("classPath"),
        all.getProperty("workerMain"),
        Long.parseLong(all.getProperty("owner")));
  }
}
