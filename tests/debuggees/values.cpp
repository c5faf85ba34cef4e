// values [NODES [RING]]: holds values of every kind of type, as Visual C++ lays them out, says by debug strings where each lies, how large
// it is and what it holds, and stops in a function that has parameters and locals; then it says once more what it holds. A list of NODES
// nodes (3 by default) and a tree hang from globals; with RING the last node leads back to the one in the middle.
// Each line that begins with "{" is JSON: the truth that tests compare with. There is no C++ library here.
#pragma clang diagnostic ignored "-Winvalid-offsetof"
#pragma clang diagnostic ignored "-Wc++20-designator"
#pragma clang diagnostic ignored "-Wbitfield-constant-conversion"
using size_t = decltype(sizeof 0);
extern "C" {
int snprintf(char *, size_t, const char *, ...);
int atoi(const char *);
void *calloc(size_t, size_t);
int _fltused = 1;
__declspec(dllimport) void __stdcall OutputDebugStringA(const char *);
// What every type descriptor begins with is the library's: nothing here looks into it.
extern void *const g_type_info_functions[2] __asm__("??_7type_info@@6B@") = {};
}
void operator delete(void *, size_t) noexcept {}

namespace shop {
enum class Color : unsigned char { Red = 1, Green = 2, Blue = 4 };
enum Sign { Minus = -5, None, Plus = 7 };
enum class Large : unsigned long long { Small = 1, Huge = 0xfedcba9876543210 };

struct Point {
  int x, y;
};
union Number {
  int whole;
  float part;
  unsigned char bytes[4];
};
struct Flags {
  unsigned low : 3;
  int middle : 5;
  unsigned : 4;
  unsigned high : 20;
  unsigned long long wide : 40;
  long long rest : 24;
  bool yes : 1;
  Color color : 3;
};
struct Base {
  virtual ~Base() {}
  int value;
};
struct Named {
  short number;
  const char *name;
};
struct Derived : Base, Named {
  long long own;
  int value;
};
struct Left : virtual Base {
  int left;
};
struct Right : virtual Base {
  int right;
};
struct Both : Left, Right {
  int both;
};
struct Top {
  int shade;
  int depth;
};
struct Lit : virtual Top {
  int lit;
};
struct Dark : virtual Top {
  int shade;
};
struct Dusk : Lit, Dark {
  int dusk;
};
struct Early {
  int hour;
};
struct Late {
  int hour;
};
struct Day : Early, Late {
  Dusk last;
};
template <class Item, int COUNT>
struct Box {
  Item items[COUNT];
  static int s_made;
};
template <class Item, int COUNT>
int Box<Item, COUNT>::s_made = 3;

struct Node {
  Node *next;
  int number;
};
struct Link {
  Link *next;
};
struct Item {
  int id;
  Link links;
};
struct Tree {
  Tree *left, *right;
  long long key;
};

struct Order {
  int id;
  double price;
  float weight;
  bool paid;
  char name[16];
  wchar_t wide[8];
  char16_t utf16[4];
  const char *text;
  const wchar_t *title;
  signed char tiny;
  unsigned char raw[4];
  short small;
  unsigned short port;
  long old;
  unsigned long long huge;
  Color color;
  Color unknown;
  Sign sign;
  Large large;
  Point points[3];
  int grid[2][3];
  double rates[2];
  long long sums[2];
  Number number;
  Flags flags;
  Order *next;
  void *any;
  int (*check)(int);
  Point &origin;
  int Point::*member;
  struct {
    int inside;
    union {
      int a;
      float b;
    };
  } inner;
  union {
    int either;
    float other;
  };
  Box<Point, 2> box;
  char letter;
  const volatile int fixed;
  void (*handlers[2])(void);
  static int s_count;
};
int Order::s_count = 12;
}

using namespace shop;
typedef Order *OrderPointer;

static int twice(int n) { return 2 * n; }
static void nothing(void) {}
Point g_origin = {-1, 1};
Order g_order = {
  .id = 4711,
  .price = 12.5,
  .weight = 0.75f,
  .paid = true,
  .name = "lantern",
  .wide = L"w\x00fcrfel",
  .utf16 = u"ab",
  .text = "a text",
  .title = L"a title",
  .tiny = -7,
  .raw = {1, 2, 254, 255},
  .small = -300,
  .port = 65000,
  .old = -100000,
  .huge = 18446744073709551615ull,
  .color = Color::Green,
  .unknown = (Color)7,
  .sign = Minus,
  .large = Large::Huge,
  .points = {{1, 2}, {3, 4}, {5, 6}},
  .grid = {{1, 2, 3}, {4, 5, 6}},
  .rates = {0.5, -0.25},
  .sums = {-9007199254740993, 9007199254740993},
  .number = {.whole = 0x3f800000},
  .flags = {5, -3, 0xabcde, 0x123456789a, -42, true, Color::Blue},
  .next = nullptr,
  .any = &g_origin,
  .check = twice,
  .origin = g_origin,
  .member = &Point::y,
  .inner = {9, {10}},
  .either = 11,
  .box = {{{7, 8}, {9, 10}}},
  .letter = 'x',
  .fixed = 99,
  .handlers = {nothing, nullptr},
};
Order &g_reference = g_order;
OrderPointer g_pointer = &g_order;
Derived g_derived;
Both g_both;
alignas(16) char g_room[2048]; // for who debugs
Dusk g_dusk;
Day g_day;
Base *g_base = &g_derived;
Node *g_list;
Tree *g_tree;
Item g_items[3] = {{70, {&g_items[2].links}}, {72, {nullptr}}, {71, {&g_items[1].links}}};
int g_case = 61, G_CASE = 62;
thread_local int t_own = 77;
extern "C" const int g_constant = 31;
const volatile unsigned g_numbers[5] = {1, 2, 3, 4, 0xffffffff};
static int s_hidden = 5;

static void say(const char *format, ...);

#define SIZE(type) say("{\"type\":\"%s\",\"size\":%d}", #type, (int)sizeof(type))
#define FIELD(type, field) \
  say("{\"of\":\"%s\",\"field\":\"%s\",\"offset\":%d,\"size\":%d}", #type, #field, (int)__builtin_offsetof(type, field), \
      (int)sizeof(((type *)nullptr)->field))
#define PLACE(name) say("{\"variable\":\"%s\",\"address\":\"%p\",\"size\":%d}", #name, (void *)&name, (int)sizeof(name))
#define LOCAL(name) say("{\"local\":\"%s\",\"address\":\"%p\",\"size\":%d}", #name, (void *)&name, (int)sizeof(name))

extern "C" int vsnprintf(char *, size_t, const char *, __builtin_va_list);
static void say(const char *format, ...) {
  char line[600];
  __builtin_va_list rest;
  __builtin_va_start(rest, format);
  vsnprintf(line, sizeof line, format, rest);
  __builtin_va_end(rest);
  OutputDebugStringA(line);
}

/** The bytes of a bit field alone, all its bits being set. */
#define BITS(field) \
  { \
    Flags all = {}; \
    all.field = (decltype(all.field)) - 1; \
    unsigned long long words[sizeof(Flags) / 8]; \
    __builtin_memcpy(words, &all, sizeof all); \
    say("{\"bits\":\"%s\",\"words\":[\"%llx\",\"%llx\",\"%llx\"]}", #field, words[0], words[1], words[2]); \
  }

static void sizes() {
  SIZE(Order); SIZE(Point); SIZE(Number); SIZE(Flags); SIZE(Base); SIZE(Named); SIZE(Derived); SIZE(Left); SIZE(Both); SIZE(Color);
  SIZE(Sign); SIZE(Large); SIZE(Node);
  say("{\"type\":\"%s\",\"size\":%d}", "Box<shop::Point,2>", (int)sizeof(Box<Point, 2>));
  FIELD(Order, id); FIELD(Order, price); FIELD(Order, weight); FIELD(Order, paid); FIELD(Order, name); FIELD(Order, wide);
  FIELD(Order, utf16); FIELD(Order, text); FIELD(Order, title); FIELD(Order, tiny); FIELD(Order, raw); FIELD(Order, small);
  FIELD(Order, port); FIELD(Order, old); FIELD(Order, huge); FIELD(Order, color); FIELD(Order, unknown); FIELD(Order, sign);
  FIELD(Order, large); FIELD(Order, points); FIELD(Order, grid); FIELD(Order, rates); FIELD(Order, sums); FIELD(Order, number);
  FIELD(Order, flags); FIELD(Order, next); FIELD(Order, any); FIELD(Order, check); FIELD(Order, member); FIELD(Order, inner);
  FIELD(Order, either); FIELD(Order, other); FIELD(Order, box); FIELD(Order, letter); FIELD(Order, fixed); FIELD(Order, handlers);
  FIELD(Point, x); FIELD(Point, y); FIELD(Node, next); FIELD(Node, number);
  FIELD(Tree, left); FIELD(Tree, right); FIELD(Tree, key);
  BITS(low) BITS(middle) BITS(high) BITS(wide) BITS(rest)
}

static void places() {
  PLACE(g_order); PLACE(g_origin); PLACE(g_pointer); PLACE(g_derived); PLACE(g_both); PLACE(g_base); PLACE(g_list); PLACE(g_tree);
  PLACE(g_constant); PLACE(g_numbers); PLACE(s_hidden); PLACE(t_own);
  say("{\"variable\":\"%s\",\"address\":\"%p\",\"size\":%d}", "shop::Order::s_count", (void *)&Order::s_count, 4);
  say("{\"base\":\"Named\",\"of\":\"Derived\",\"offset\":%d}", (int)((char *)static_cast<Named *>(&g_derived) - (char *)&g_derived));
  say("{\"base\":\"Right\",\"of\":\"Both\",\"offset\":%d}", (int)((char *)static_cast<Right *>(&g_both) - (char *)&g_both));
  say("{\"base\":\"Top\",\"of\":\"Dusk\",\"offset\":%d}", (int)((char *)static_cast<Top *>(&g_dusk) - (char *)&g_dusk));
  say("{\"base\":\"Dark\",\"of\":\"Dusk\",\"offset\":%d}", (int)((char *)static_cast<Dark *>(&g_dusk) - (char *)&g_dusk));
  say("{\"base\":\"Base\",\"of\":\"Both\",\"offset\":%d}", (int)((char *)static_cast<Base *>(&g_both) - (char *)&g_both));
  say("{\"pointer\":\"text\",\"to\":\"%p\"}", (void *)g_order.text);
  say("{\"pointer\":\"check\",\"to\":\"%p\"}", (void *)g_order.check);
  say("{\"pointer\":\"next\",\"to\":\"%p\"}", (void *)g_order.next);
}

template <class Of>
__declspec(noinline) int measure(Of of) {
  return g_origin.x + (int)sizeof of;
}
struct Vector {
  int at;
  __declspec(noinline) int operator+(int more) { return g_origin.x + at + more; }
  __declspec(noinline) int operator*(int more) { return g_origin.x + at * more; }
  __declspec(noinline) int operator*=(int more) { return at *= g_origin.x + more; }
  __declspec(noinline) int operator[](int more) { return g_origin.x - at - more; }
  __declspec(noinline) int operator()(int more) { return g_origin.x - at - more; }
};

#define NAMED(name, pointer) say("{\"named\":\"%s\",\"address\":\"%p\"}", name, (void *)(pointer))
#define METHOD(name, type) \
  { \
    int (Vector::*method)(int) = &Vector::name; \
    void *address; \
    __builtin_memcpy(&address, &method, sizeof address); \
    NAMED("Vector::" #name, address); \
  }

/** Names with signs that are those of patterns, too. */
static void named() {
  NAMED("measure<char *>", measure<char *>);
  NAMED("measure<char **>", measure<char **>);
  NAMED("measure<char (*)[3]>", measure<char(*)[3]>);
  NAMED("measure<shop::Box<char *,3> >", (measure<Box<char *, 3>>));
  NAMED("shop::Box<char *,2>::s_made", (&Box<char *, 2>::s_made));
  NAMED("shop::Box<char **,2>::s_made", (&Box<char **, 2>::s_made));
  METHOD(operator+, +) METHOD(operator*, *) METHOD(operator*=, *=) METHOD(operator[], []) METHOD(operator(), ())
}

#define INTEGER(path) say("{\"value\":\"%s\",\"is\":\"%lld\"}", #path, (long long)(path))
#define UNSIGNED(path) say("{\"value\":\"%s\",\"is\":\"%llu\"}", #path, (unsigned long long)(path))
#define NUMBER(path) say("{\"value\":\"%s\",\"is\":\"%.17g\"}", #path, (double)(path))
#define TRUTH(path) say("{\"value\":\"%s\",\"is\":\"%s\"}", #path, (path) ? "true" : "false")
#define TEXT(path) say("{\"value\":\"%s\",\"is\":\"%s\"}", #path, path)
#define WIDE(path) say("{\"value\":\"%s\",\"is\":\"%ls\"}", #path, (const wchar_t *)(path))

static void contents() {
  INTEGER(g_order.id); NUMBER(g_order.price); NUMBER(g_order.weight); TRUTH(g_order.paid); TEXT(g_order.name); WIDE(g_order.wide);
  WIDE(g_order.utf16); UNSIGNED(g_order.text); UNSIGNED(g_order.title); INTEGER(g_order.tiny); INTEGER(g_order.small);
  UNSIGNED(g_order.port); INTEGER(g_order.old); UNSIGNED(g_order.huge); UNSIGNED(g_order.next); UNSIGNED(g_order.any);
  UNSIGNED(g_order.check); UNSIGNED(&g_order.origin); INTEGER(g_order.letter); INTEGER(g_order.fixed); UNSIGNED(g_order.handlers[0]);
  UNSIGNED(g_order.handlers[1]); INTEGER(g_order.either); NUMBER(g_order.other);
  INTEGER(g_order.inner.inside); INTEGER(g_order.inner.a); NUMBER(g_order.inner.b);
  UNSIGNED(g_order.color); UNSIGNED(g_order.unknown); INTEGER(g_order.sign); UNSIGNED(g_order.large);
  for (int i = 0; i < 3; i++) {
    say("{\"value\":\"g_order.points[%d].x\",\"is\":\"%d\"}", i, g_order.points[i].x);
    say("{\"value\":\"g_order.points[%d].y\",\"is\":\"%d\"}", i, g_order.points[i].y);
    say("{\"value\":\"g_order.grid[1][%d]\",\"is\":\"%d\"}", i, g_order.grid[1][i]);
    say("{\"value\":\"g_order.raw[%d]\",\"is\":\"%d\"}", i + 1, g_order.raw[i + 1]);
  }
  NUMBER(g_order.rates[0]); NUMBER(g_order.rates[1]); INTEGER(g_order.sums[0]); INTEGER(g_order.sums[1]);
  INTEGER(g_order.number.whole); NUMBER(g_order.number.part); UNSIGNED(g_order.number.bytes[2]); INTEGER(g_order.box.items[1].x);
  UNSIGNED(g_order.flags.low); INTEGER(g_order.flags.middle); UNSIGNED(g_order.flags.high); UNSIGNED(g_order.flags.wide);
  INTEGER(g_order.flags.rest); TRUTH(g_order.flags.yes); UNSIGNED(g_order.flags.color);
  INTEGER(g_derived.own); INTEGER(g_derived.value); INTEGER(g_derived.number); UNSIGNED(g_derived.name);
  say("{\"value\":\"g_derived.shop::Base::value\",\"is\":\"%d\"}", g_derived.Base::value);
  INTEGER(g_both.value); INTEGER(g_both.left); INTEGER(g_both.right); INTEGER(g_both.both);
  INTEGER(g_dusk.shade); INTEGER(g_dusk.depth); INTEGER(g_dusk.lit); INTEGER(g_dusk.dusk); INTEGER(g_dusk.shop::Top::shade);
  INTEGER(g_day.shop::Early::hour); INTEGER(g_day.shop::Late::hour); INTEGER(g_day.last.shade); INTEGER(g_day.last.shop::Top::shade);
  INTEGER(g_origin.x); INTEGER(g_origin.y); INTEGER(g_constant); INTEGER(s_hidden); INTEGER(t_own); UNSIGNED(g_numbers[4]);
  UNSIGNED(g_base); UNSIGNED(g_list); UNSIGNED(g_tree); INTEGER(shop::Order::s_count);
  INTEGER(g_reference.id); INTEGER(g_case); INTEGER(G_CASE);
}

static Tree *grow(long long low, long long high) {
  if (low > high) return nullptr;
  Tree *tree = (Tree *)calloc(1, sizeof(Tree));
  tree->key = (low + high) / 2;
  tree->left = grow(low, tree->key - 1);
  tree->right = grow(tree->key + 1, high);
  return tree;
}

static int look(int count, Order *order, Point by_value, const char *name, bool last, double ratio, Node node) {
  int sum = count + by_value.x;
  Point corner = {by_value.y, sum};
  static int s_calls = 0;
  Order &same = *order;
  unsigned char bytes[3] = {7, 8, 9};
  Sign sign = Plus;
  s_calls += 1;
  LOCAL(count); LOCAL(order); LOCAL(by_value); LOCAL(name); LOCAL(last); LOCAL(ratio);
  LOCAL(sum); LOCAL(corner); LOCAL(s_calls); LOCAL(bytes); LOCAL(sign);
  {
    int sum = 1000 + count;
    long long inner = 5000000000ll + sum;
    say("{\"block\":\"sum\",\"address\":\"%p\"}", (void *)&sum);
    LOCAL(inner);
    INTEGER(count); UNSIGNED(order); INTEGER(by_value.x); INTEGER(by_value.y); UNSIGNED(name); TRUTH(last); NUMBER(ratio); INTEGER(sum);
    INTEGER(corner.x); INTEGER(corner.y); INTEGER(s_calls); UNSIGNED(bytes[1]); INTEGER(sign); INTEGER(inner); INTEGER(same.id); INTEGER(node.number);
    __debugbreak();
    sum += (int)inner;
    corner.x += sum;
  }
  return sum + corner.x + same.id + bytes[0] + sign + s_calls;
}

int main(int count, char **words) {
  int nodes = count > 1 ? atoi(words[1]) : 3;
  Node *all = (Node *)calloc(nodes, sizeof(Node));
  for (int i = 0; i < nodes; i++) all[i] = {i + 1 < nodes ? &all[i + 1] : nullptr, i * i};
  g_list = all;
  if (count > 2) all[nodes - 1].next = &all[nodes / 2];
  g_tree = grow(1, 15);
  g_order.next = &g_order;
  g_dusk.depth = 41;
  g_dusk.Top::shade = 42;
  g_dusk.shade = 43;
  g_dusk.lit = 44;
  g_dusk.dusk = 45;
  g_day.Early::hour = 51;
  g_day.Late::hour = 52;
  g_day.last.shade = 53;
  g_day.last.Top::shade = 54;
  g_derived.Base::value = 21;
  g_derived.number = -22;
  g_derived.name = "derived";
  g_derived.own = 23;
  g_derived.value = 24;
  g_both.value = 31;
  g_both.left = 32;
  g_both.right = 33;
  g_both.both = 34;
  t_own += 1;
  sizes();
  places();
  named();
  contents();
  int result = look(3, &g_order, Point{40, 41}, "first", true, 0.125, Node{nullptr, 51});
  say("{\"again\":1}");
  contents();
  return result == 0 || s_hidden == 0 || Box<Point, 2>::s_made == 0 || g_reference.id == 0;
}
