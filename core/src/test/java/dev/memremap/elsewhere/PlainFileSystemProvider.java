// SPDX-License-Identifier: Apache-2.0
package dev.memremap.elsewhere;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.stream.Stream;

/**
 * A computer without what is Linux's own, for a run of core's tests: no POSIX permissions, no file
 * locks, no links, and no {@code /dev}, {@code /proc} or {@code /sys}. A file that is deleted when
 * it is closed keeps its name until then. With {@code -Ddev.memremap.elsewhere.posix=true} it has
 * POSIX permissions, and an open file can lose its name, as on macOS.
 *
 * <p>{@code vm.max_map_count} alone can be read: a test maps until the limit of the kernel that it
 * does run on.
 *
 * <p>It is the JVM's default with {@code -Djava.nio.file.spi.DefaultFileSystemProvider} and this
 * class's name.
 */
public final class PlainFileSystemProvider extends FileSystemProvider {
  private final FileSystemProvider real;
  private final PlainFileSystem fileSystem;
  private final boolean posix;
  private final List<Path> missing;

  /**
   * As the JVM makes its default provider.
   *
   * @param real the provider of the operating system
   */
  public PlainFileSystemProvider(FileSystemProvider real) {
    this.real = real;
    FileSystem realFiles = real.getFileSystem(URI.create("file:///"));
    this.posix = Boolean.getBoolean("dev.memremap.elsewhere.posix");
    this.fileSystem = new PlainFileSystem(this, realFiles, posix);
    this.missing = Stream.of("/dev", "/proc", "/sys").map(realFiles::getPath).toList();
  }

  /** The file behind a path, unless it lies where this computer has nothing. */
  private Path there(Path path) throws NoSuchFileException {
    Path file = PlainPath.unwrap(path);
    Path whole = file.toAbsolutePath().normalize();
    if (missing.stream().anyMatch(whole::startsWith) && !whole.endsWith("max_map_count")) {
      throw new NoSuchFileException(path.toString());
    }
    return file;
  }

  private static void requireBasic(FileAttribute<?>... attributes) {
    for (FileAttribute<?> attribute : attributes) {
      throw new UnsupportedOperationException("'" + attribute.name() + "' not supported here");
    }
  }

  private boolean isBasic(String attributes) {
    return posix || !attributes.contains(":") || attributes.startsWith("basic:");
  }

  @Override
  public String getScheme() {
    return real.getScheme();
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> settings) throws IOException {
    return real.newFileSystem(uri, settings);
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    return fileSystem;
  }

  @Override
  public Path getPath(URI uri) {
    return fileSystem.wrap(real.getPath(uri));
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    if (!posix) {
      requireBasic(attributes);
    }
    // Unix deletes such a file at once; elsewhere it keeps its name until it is closed
    boolean deletes = !posix && options.contains(StandardOpenOption.DELETE_ON_CLOSE);
    Set<OpenOption> plain = new HashSet<>(options);
    if (deletes) {
      plain.remove(StandardOpenOption.DELETE_ON_CLOSE);
    }
    Path file = there(path);
    FileChannel channel =
        posix ? real.newFileChannel(file, plain, attributes) : real.newFileChannel(file, plain);
    return new PlainFileChannel(channel, deletes ? file : null);
  }

  @Override
  public AsynchronousFileChannel newAsynchronousFileChannel(
      Path path,
      Set<? extends OpenOption> options,
      ExecutorService executor,
      FileAttribute<?>... attributes) {
    throw new UnsupportedOperationException();
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    if (posix) {
      return real.newByteChannel(there(path), options, attributes);
    }
    requireBasic(attributes);
    return real.newByteChannel(there(path), options);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
    DirectoryStream<Path> entries =
        real.newDirectoryStream(there(directory), entry -> filter.accept(fileSystem.wrap(entry)));
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        return fileSystem.wrap(entries.iterator());
      }

      @Override
      public void close() throws IOException {
        entries.close();
      }
    };
  }

  @Override
  public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
    if (posix) {
      real.createDirectory(there(directory), attributes);
      return;
    }
    requireBasic(attributes);
    real.createDirectory(there(directory));
  }

  @Override
  public void delete(Path path) throws IOException {
    real.delete(there(path));
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) throws IOException {
    real.copy(there(source), there(target), options);
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    real.move(there(source), there(target), options);
  }

  @Override
  public boolean isSameFile(Path path, Path other) throws IOException {
    return real.isSameFile(there(path), there(other));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return real.isHidden(there(path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return real.getFileStore(there(path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    real.checkAccess(there(path), modes);
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return posix || type == BasicFileAttributeView.class
        ? real.getFileAttributeView(PlainPath.unwrap(path), type, options)
        : null;
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    if (!posix && type != BasicFileAttributes.class) {
      throw new UnsupportedOperationException(type.getName());
    }
    return real.readAttributes(there(path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
      throws IOException {
    if (!isBasic(names)) {
      throw new UnsupportedOperationException(names);
    }
    return real.readAttributes(there(path), names, options);
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options)
      throws IOException {
    if (!isBasic(name)) {
      throw new UnsupportedOperationException(name);
    }
    real.setAttribute(there(path), name, value, options);
  }
}
