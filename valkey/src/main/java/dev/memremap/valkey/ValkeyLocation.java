// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.PageStore;
import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreGeometry;
import dev.memremap.pager.store.StoreLocation;
import dev.memremap.pager.store.StoreOwner;
import dev.memremap.pager.store.UnfinishedStore;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a {@link ValkeyStore} is. {@link ValkeyStore#at} makes one of a text; each method returns
 * another one that differs in one thing, as a parameter of the text does.
 */
public final class ValkeyLocation implements StoreLocation {
  private final Place place;

  ValkeyLocation(Place place) {
    this.place = place;
  }

  /**
   * Speaks to the nodes as a user of their ACL.
   *
   * @param name empty for the default user
   */
  public ValkeyLocation user(String name, String password) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(password, "password");
    return new ValkeyLocation(
        new Place(
            place.kind(),
            place.encrypted(),
            place.hosts(),
            name,
            password,
            null,
            place.database(),
            place.prefix(),
            place.clientName(),
            place.timeout(),
            place.lease(),
            place.replicas(),
            place.master(),
            place.authority(),
            place.ownReads()));
  }

  /**
   * Speaks to the nodes as a user whose password is the first line of a file. It is read each time
   * that the store is opened, by the pager's processes as well, so that the text of this location
   * has no secret.
   */
  public ValkeyLocation user(String name, Path passwordFile) {
    return new ValkeyLocation(
        user(name, "").with("password-file", passwordFile.toAbsolutePath().toString()));
  }

  /**
   * Begins the store's keys so: {@code memremap} unless said. Stores of other prefixes have other
   * pages.
   */
  public ValkeyLocation keyPrefix(String prefix) {
    return new ValkeyLocation(with("prefix", prefix));
  }

  /** Has the nodes list the connections by this name: {@code memremap} unless said. */
  public ValkeyLocation clientName(String name) {
    return new ValkeyLocation(with("client", name));
  }

  /**
   * Tries a read or a write for so long: 2 s unless said.
   *
   * @param time from 50 ms to an hour
   */
  public ValkeyLocation timeout(Duration time) {
    return new ValkeyLocation(with("timeout", time.toMillis() + "ms"));
  }

  /**
   * Keeps the store for so long after this writer's last word: 10 s unless said. It says one three
   * times as often. When its computer dies, the store is free after that time.
   *
   * @param time from one second to an hour
   */
  public ValkeyLocation lease(Duration time) {
    return new ValkeyLocation(with("lease", time.toMillis() + "ms"));
  }

  /**
   * Has a flush wait for so many replicas of each master, whatever the cluster says. Unless said it
   * waits for all that may be promoted, and then no failover loses what was flushed; with fewer,
   * one that promotes a replica which did not have it does.
   */
  public ValkeyLocation replicas(int number) {
    return new ValkeyLocation(with("replicas", Integer.toString(number)));
  }

  /** Judges the nodes' certificates by those of a file (PEM), instead of by those of the JDK. */
  public ValkeyLocation authority(Path certificates) {
    return new ValkeyLocation(with("authority", certificates.toAbsolutePath().toString()));
  }

  /**
   * Has pages that threads wait for read over connections of their own, at most four to a node, as
   * it is unless said; or over the two that all else goes over, where nodes count connections.
   */
  public ValkeyLocation ownReads(boolean own) {
    return new ValkeyLocation(with("own-reads", Boolean.toString(own)));
  }

  private Place with(String key, String value) {
    String text = PlaceText.write(place).toString();
    int query = text.indexOf('?');
    Map<String, String> all = new LinkedHashMap<>();
    if (query >= 0) {
      for (String each : text.substring(query + 1).split("&", -1)) {
        all.put(each.substring(0, each.indexOf('=')), each);
      }
    }
    all.put(key, PlaceText.parameter(key, value));
    return PlaceText.read(
        URI.create(
            (query < 0 ? text : text.substring(0, query)) + "?" + String.join("&", all.values())));
  }

  /** Returns the location as text, with its password: show {@link #toString} instead. */
  @Override
  public URI uri() {
    return PlaceText.write(place);
  }

  /** Connects once, which loads hundreds of classes. */
  @Override
  public void prepare() throws StoreException {
    ValkeyStore.connect(place).close();
  }

  @Override
  public PageStore open(long pages, int pageBytes) throws StoreException {
    return open(pages, pageBytes, StoreOwner.unnamed());
  }

  @Override
  public PageStore open(long pages, int pageBytes, StoreOwner owner) throws StoreException {
    return ValkeyStore.open(place, new StoreGeometry(pages, pageBytes), owner);
  }

  @Override
  public Optional<StoreGeometry> geometry() throws StoreException {
    return ValkeyStore.geometry(place);
  }

  @Override
  public UnfinishedStore openUnfinished(StoreGeometry geometry, URI of, boolean replaces)
      throws StoreException {
    ValkeyStore store = ValkeyStore.openUnfinished(place, geometry, of, replaces);
    return new UnfinishedStore(store, store::finish);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ValkeyLocation location && place.equals(location.place);
  }

  @Override
  public int hashCode() {
    return place.hashCode();
  }

  /** Returns the location as text, without its password. */
  @Override
  public String toString() {
    return place.toString();
  }
}
