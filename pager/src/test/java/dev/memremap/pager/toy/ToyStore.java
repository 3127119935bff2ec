// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.toy;

import dev.memremap.pager.store.NodeFigures;
import dev.memremap.pager.store.PageStore;
import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreLocation;
import dev.memremap.pager.store.StoreScheme;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * A store in a plain file that does what files beside it say: while FILE.fails is there, it
 * refuses; while FILE.breaks is there, its code fails; while FILE.hangs is there, it does not
 * answer; if FILE.dies is there, its process ends when it is closed, once. So a test has an outage,
 * whatever process serves. Where FILE's name begins with "nodes", it has two nodes, 0 and 1, which
 * have 64 pages in turn, and FILE.fails0 or FILE.hangs1 is about one of them. It counts what each
 * does, and names a node when a page of it was asked for.
 */
public final class ToyStore implements PageStore {
  private static final int RUN = 64;

  private final Path file;
  private final FileChannel channel;
  private final long pages;
  private final int pageBytes;
  private final Map<String, LongAdder> read = new ConcurrentSkipListMap<>();
  private final Map<String, LongAdder> written = new ConcurrentSkipListMap<>();

  private ToyStore(Path file, FileChannel channel, long pages, int pageBytes) {
    this.file = file;
    this.channel = channel;
    this.pages = pages;
    this.pageBytes = pageBytes;
  }

  /** Where it is. */
  public record Location(Path file) implements StoreLocation {
    @Override
    public URI uri() {
      return URI.create("toy:" + file);
    }

    /** Notes it in FILE.prepared, where its folder is there. */
    @Override
    public void prepare() {
      try {
        Files.writeString(Path.of(file + ".prepared"), "");
      } catch (IOException e) {
        // its folder is not there
      }
    }

    @Override
    public PageStore open(long pages, int pageBytes) throws StoreException {
      try {
        FileChannel channel =
            FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        return new ToyStore(file, channel, pages, pageBytes);
      } catch (IOException e) {
        throw StoreException.of(StoreException.Kind.UNFIT, e.toString(), e);
      }
    }
  }

  /** Finds it. */
  public static final class Scheme implements StoreScheme {
    @Override
    public String scheme() {
      return "toy";
    }

    @Override
    public StoreLocation locate(URI uri) {
      return new Location(Path.of(uri.getSchemeSpecificPart()));
    }
  }

  private boolean is(String what, long page) {
    return Files.exists(Path.of(file + "." + what))
        || Files.exists(Path.of(file + "." + what + nodeOf(page)));
  }

  private void obey(long page) throws StoreException {
    while (is("hangs", page)) {
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (is("breaks", page)) {
      throw new IllegalStateException("the toy has a bug");
    }
    if (is("fails", page)) {
      throw StoreException.ofPage(StoreException.Kind.OUTAGE, page, "the toy is broken", null);
    }
  }

  @Override
  public int pageBytes() {
    return pageBytes;
  }

  @Override
  public long pages() {
    return pages;
  }

  private boolean hasNodes() {
    return file.getFileName().toString().startsWith("nodes");
  }

  @Override
  public String nodeOf(long page) {
    return hasNodes() ? "" + page / RUN % 2 : "";
  }

  @Override
  public long lastOfNode(long page) {
    return hasNodes() ? page / RUN * RUN + RUN - 1 : pages - 1;
  }

  @Override
  public MemorySegment read(long first, int count, MemorySegment room) throws StoreException {
    obey(first);
    try {
      int read = channel.read(room.asByteBuffer(), first * pageBytes);
      if (read < room.byteSize()) {
        room.asSlice(Math.max(0, read)).fill((byte) 0);
      }
      count(this.read, first, count);
      return room;
    } catch (IOException e) {
      throw StoreException.ofPage(StoreException.Kind.OUTAGE, first, e.toString(), e);
    }
  }

  @Override
  public void write(long first, MemorySegment bytes) throws StoreException {
    obey(first);
    try {
      channel.write(bytes.asByteBuffer(), first * pageBytes);
      count(written, first, bytes.byteSize() / pageBytes);
    } catch (IOException e) {
      throw StoreException.ofPage(StoreException.Kind.OUTAGE, first, e.toString(), e);
    }
  }

  private void count(Map<String, LongAdder> counts, long page, long pages) {
    if (hasNodes()) {
      counts.computeIfAbsent(nodeOf(page), node -> new LongAdder()).add(pages);
    }
  }

  /** What it does not count is another number for each figure. */
  @Override
  public List<NodeFigures> nodes() {
    List<NodeFigures> all = new ArrayList<>();
    read.forEach(
        (node, adder) -> {
          long in = adder.sum();
          long out = written.getOrDefault(node, new LongAdder()).sum();
          all.add(
              new NodeFigures(
                  node,
                  in,
                  in * pageBytes,
                  out,
                  out * pageBytes,
                  1001,
                  1002,
                  1003_000_000_000L,
                  1004,
                  1005_000_000_000L,
                  1006));
        });
    return all;
  }

  @Override
  public void flush() throws StoreException {
    obey(0);
  }

  @Override
  public void close() {
    try {
      if (Files.deleteIfExists(Path.of(file + ".dies"))) {
        Runtime.getRuntime().halt(137); // as kill -9 does
      }
      channel.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
