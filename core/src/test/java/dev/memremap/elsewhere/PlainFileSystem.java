// SPDX-License-Identifier: Apache-2.0
package dev.memremap.elsewhere;

import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** The file system of {@link PlainFileSystemProvider}: the operating system's, with basic views. */
final class PlainFileSystem extends FileSystem {
  private final PlainFileSystemProvider provider;
  private final FileSystem real;
  private final boolean posix;

  PlainFileSystem(PlainFileSystemProvider provider, FileSystem real, boolean posix) {
    this.provider = provider;
    this.real = real;
    this.posix = posix;
  }

  Path wrap(Path path) {
    return path instanceof PlainPath ? path : PlainPath.wrap(this, path);
  }

  Iterator<Path> wrap(Iterator<Path> paths) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return paths.hasNext();
      }

      @Override
      public Path next() {
        return wrap(paths.next());
      }
    };
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public String getSeparator() {
    return real.getSeparator();
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return () -> wrap(real.getRootDirectories().iterator());
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return List.of();
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return posix ? Set.of("basic", "posix") : Set.of("basic");
  }

  @Override
  public Path getPath(String first, String... more) {
    return wrap(real.getPath(first, more));
  }

  @Override
  public PathMatcher getPathMatcher(String pattern) {
    PathMatcher matcher = real.getPathMatcher(pattern);
    return path -> matcher.matches(PlainPath.unwrap(path));
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    throw new UnsupportedOperationException();
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException();
  }
}
