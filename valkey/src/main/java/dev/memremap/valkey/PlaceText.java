// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreLocation;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Places as text:
 *
 * <pre>
 *   valkey://user:password@host:6379/0?prefix=pages
 *   valkeys://host1,host2,host3?replicas=1
 *   valkey-sentinel://host1,host2,host3?master=name
 * </pre>
 */
final class PlaceText {
  /** The schemes, of which {@code s} and {@code -sentinel} make the others. */
  static final Set<String> SCHEMES =
      Set.of(
          "redis",
          "rediss",
          "redis-sentinel",
          "rediss-sentinel",
          "valkey",
          "valkeys",
          "valkey-sentinel",
          "valkeys-sentinel");

  private static final String SENTINEL = "-sentinel";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/-]*");
  private static final Pattern HOST =
      Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[^:\\[\\]]+)(?::(\\d+))?");
  private static final Pattern TIME = Pattern.compile("(\\d{1,9})(ms|s)");
  private static final Set<String> KEYS =
      Set.of(
          "prefix",
          "client",
          "timeout",
          "lease",
          "replicas",
          "cluster",
          "master",
          "authority",
          "own-reads",
          "password-file");
  private static final int LAST_PORT = 65535;

  private PlaceText() {}

  /** Reads a text. */
  static Place read(URI uri) {
    try {
      return parts(uri);
    } catch (WrongTextException e) {
      throw new IllegalArgumentException(
          "%s: %s; write it as valkey://host:6379, valkey://host1,host2 for a cluster, or valkey-sentinel://host1,host2?master=NAME"
              .formatted(StoreLocation.shown(uri), e.sentence));
    }
  }

  private static final class WrongTextException extends Exception {
    private static final long serialVersionUID = 1L;
    private final String sentence;

    WrongTextException(String sentence) {
      super(sentence);
      this.sentence = sentence;
    }
  }

  private static Place parts(URI uri) throws WrongTextException {
    String scheme = String.valueOf(uri.getScheme());
    if (!SCHEMES.contains(scheme)) {
      throw new WrongTextException("no place of Valkey or Redis has this scheme");
    }
    if (uri.isOpaque() || uri.getRawAuthority() == null) {
      throw new WrongTextException("it names no host");
    }
    if (uri.getRawFragment() != null) {
      throw new WrongTextException("a '#' has no meaning here");
    }
    boolean isSentinel = scheme.endsWith(SENTINEL);
    boolean isEncrypted = scheme.startsWith("rediss") || scheme.startsWith("valkeys");
    String authority = uri.getRawAuthority();
    int at = authority.lastIndexOf('@');
    String account = at < 0 ? "" : authority.substring(0, at);
    int colon = account.indexOf(':');
    Map<String, String> given = given(uri.getRawQuery());
    String[] names = authority.substring(at + 1).split(",", -1);
    boolean isCluster = flag(given, "cluster", !isSentinel && names.length > 1);
    if (isSentinel && isCluster) {
      throw new WrongTextException("a cluster has no Sentinels");
    }
    if (!isCluster && !isSentinel && names.length > 1) {
      throw new WrongTextException("several hosts are a cluster");
    }
    Place.Kind kind =
        isSentinel ? Place.Kind.SENTINEL : isCluster ? Place.Kind.CLUSTER : Place.Kind.NODE;
    List<Place.Host> hosts = new ArrayList<>();
    for (String name : names) {
      hosts.add(host(name, kind.port()));
    }
    String master = given.getOrDefault("master", "");
    if (master.isEmpty() == isSentinel) {
      throw new WrongTextException(
          isSentinel ? "it names no master, which Sentinels watch" : "'master' is for Sentinels");
    }
    int database = database(uri.getRawPath());
    if (database > 0 && isCluster) {
      throw new WrongTextException("a cluster has no database but 0");
    }
    return new Place(
        kind,
        isEncrypted,
        List.copyOf(hosts),
        decoded(colon < 0 ? account : account.substring(0, colon)),
        colon < 0 ? "" : decoded(account.substring(colon + 1)),
        path(given.get("password-file")),
        database,
        name(given, "prefix"),
        name(given, "client"),
        time(given, "timeout", Place.DEFAULT_TIMEOUT),
        time(given, "lease", Place.DEFAULT_LEASE),
        replicas(given.get("replicas")),
        master,
        path(given.get("authority")),
        flag(given, "own-reads", true));
  }

  private static Map<String, String> given(@Nullable String query) throws WrongTextException {
    Map<String, String> given = new LinkedHashMap<>();
    for (String each : query == null || query.isEmpty() ? new String[0] : query.split("&", -1)) {
      int equals = each.indexOf('=');
      String key = equals < 0 ? each : each.substring(0, equals);
      if (!KEYS.contains(key)) {
        throw new WrongTextException(
            "'%s' is not known: there are %s"
                .formatted(key, String.join(", ", KEYS.stream().sorted().toList())));
      }
      if (equals < 0 || given.put(key, decoded(each.substring(equals + 1))) != null) {
        throw new WrongTextException("give '%s=' and a value, once".formatted(key));
      }
    }
    return given;
  }

  private static String decoded(String text) throws WrongTextException {
    try {
      // a plus stands for itself here
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new WrongTextException("a '%' is not followed by two digits of sixteen");
    }
  }

  private static boolean flag(Map<String, String> given, String key, boolean unlessSaid)
      throws WrongTextException {
    String value = given.get(key);
    if (value == null) {
      return unlessSaid;
    }
    if (!value.equals("true") && !value.equals("false")) {
      throw new WrongTextException("'%s' is true or false".formatted(key));
    }
    return value.equals("true");
  }

  private static Place.Host host(String text, int port) throws WrongTextException {
    Matcher parts = HOST.matcher(text);
    if (!parts.matches()) {
      throw new WrongTextException("'%s' does not name a host".formatted(text));
    }
    String name = parts.group(1);
    String given = parts.group(2);
    int number = given == null ? port : given.length() > 5 ? 0 : Integer.parseInt(given);
    if (number < 1 || number > LAST_PORT) {
      throw new WrongTextException("port %s is not from 1 to 65535".formatted(given));
    }
    return new Place.Host(
        name.startsWith("[") ? name.substring(1, name.length() - 1) : name, number);
  }

  private static int database(@Nullable String path) throws WrongTextException {
    if (path == null || path.isEmpty() || path.equals("/")) {
      return 0;
    }
    if (!path.matches("/\\d{1,5}")) {
      throw new WrongTextException("'%s' does not number a database".formatted(path.substring(1)));
    }
    return Integer.parseInt(path.substring(1));
  }

  private static String name(Map<String, String> given, String key) throws WrongTextException {
    String name = given.getOrDefault(key, Place.DEFAULT_NAME);
    if (!NAME.matcher(name).matches()) {
      throw new WrongTextException(
          "%s '%s': give letters, digits, '.', '_', ':', '/' and '-', of which the first is a letter or a digit"
              .formatted(key, name));
    }
    return name;
  }

  private static Duration time(Map<String, String> given, String key, Duration unlessSaid)
      throws WrongTextException {
    String text = given.get(key);
    if (text == null) {
      return unlessSaid;
    }
    Matcher parts = TIME.matcher(text);
    if (!parts.matches()) {
      throw new WrongTextException("%s '%s': write 2s or 500ms".formatted(key, text));
    }
    long number = Long.parseLong(parts.group(1));
    Duration time =
        parts.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMillis(number);
    return inRange(key, time);
  }

  private static Duration inRange(String key, Duration time) throws WrongTextException {
    Duration least = Duration.ofMillis(key.equals("lease") ? 1_000 : 50);
    Duration most = Duration.ofHours(1);
    if (time.compareTo(least) < 0 || time.compareTo(most) > 0) {
      throw new WrongTextException(
          "%s %s: give %s to %s".formatted(key, text(time), text(least), text(most)));
    }
    return time;
  }

  private static OptionalInt replicas(@Nullable String text) throws WrongTextException {
    if (text == null) {
      return OptionalInt.empty();
    }
    if (!text.matches("\\d{1,3}")) {
      throw new WrongTextException("'replicas' is a number");
    }
    return OptionalInt.of(Integer.parseInt(text));
  }

  private static @Nullable Path path(@Nullable String text) {
    return text == null ? null : Path.of(text);
  }

  /** Writes a place as text, with its password. */
  static URI write(Place place) {
    StringBuilder text = new StringBuilder(place.encrypted() ? "valkeys" : "valkey");
    if (place.kind() == Place.Kind.SENTINEL) {
      text.append(SENTINEL);
    }
    text.append("://");
    if (!place.user().isEmpty() || !place.password().isEmpty()) {
      text.append(encoded(place.user()));
      if (!place.password().isEmpty()) {
        text.append(':').append(encoded(place.password()));
      }
      text.append('@');
    }
    text.append(String.join(",", place.hosts().stream().map(Place.Host::toString).toList()));
    if (place.database() > 0) {
      text.append('/').append(place.database());
    }
    List<String> said = said(place);
    if (!said.isEmpty()) {
      text.append('?').append(String.join("&", said));
    }
    return URI.create(text.toString());
  }

  private static List<String> said(Place place) {
    List<String> said = new ArrayList<>();
    if (place.kind() == Place.Kind.CLUSTER && place.hosts().size() == 1) {
      said.add("cluster=true");
    }
    say(said, "master", place.master(), "");
    say(said, "prefix", place.prefix(), Place.DEFAULT_NAME);
    say(said, "client", place.clientName(), Place.DEFAULT_NAME);
    say(said, "timeout", text(place.timeout()), text(Place.DEFAULT_TIMEOUT));
    say(said, "lease", text(place.lease()), text(Place.DEFAULT_LEASE));
    if (place.replicas().isPresent()) {
      said.add("replicas=" + place.replicas().getAsInt());
    }
    if (place.passwordFile() != null) {
      say(said, "password-file", place.passwordFile().toString(), "");
    }
    if (place.authority() != null) {
      say(said, "authority", place.authority().toString(), "");
    }
    say(said, "own-reads", Boolean.toString(place.ownReads()), "true");
    return said;
  }

  private static void say(List<String> said, String key, String value, String unlessSaid) {
    if (!value.equals(unlessSaid)) {
      said.add(parameter(key, value));
    }
  }

  /** A parameter as it stands in a text. */
  static String parameter(String key, String value) {
    return key + "=" + encoded(value).replace("%2F", "/").replace("%3A", ":");
  }

  private static String text(Duration time) {
    return time.toMillis() % 1_000 == 0 ? time.toSeconds() + "s" : time.toMillis() + "ms";
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Writes a place as text without its password. */
  static String shown(Place place) {
    return StoreLocation.shown(write(place)).toString();
  }
}
