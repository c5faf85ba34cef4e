// cxx [KIND]: throws an object of each kind and catches it, as Visual C++ does it; with the number of a kind it throws that one alone, and
// nobody catches it. For names of C++ exceptions. There is no C++ library here: the base of its exceptions is declared as it lies in
// memory, a table of functions and the pointer to the text.
using size_t = decltype(sizeof 0);
void *operator new(size_t);
void operator delete(void *, size_t) noexcept {}
// What every type descriptor begins with is the library's: nothing here looks into it.
extern "C" void *const g_type_info_functions[2] __asm__("??_7type_info@@6B@") = {};

namespace std {
class exception {
 public:
  explicit exception(const char *text) : m_text(text), m_owns(false) {}
  virtual ~exception() {}
  virtual const char *what() const { return m_owns ? nullptr : m_text; }

 private:
  const char *m_text;
  bool m_owns;
};
class runtime_error : public exception {
 public:
  explicit runtime_error(const char *text) : exception(text) {}
};
}

namespace shop {
struct Order {
  virtual ~Order() {}
  int number = 4711;
};
template <class Key>
struct NotFound : Order, std::runtime_error {
  Key key;
  explicit NotFound(Key what) : std::runtime_error("no such order"), key(what) {}
};
struct Late : virtual std::exception {
  Late() : std::exception("too late") {}
};
struct Plain {
  int code;
};
}

enum { KINDS = 8 };

static void raise(int kind) {
  switch (kind) {
    case 0: throw std::runtime_error("the archive is full");
    case 1: throw shop::NotFound<int>(7);
    case 2: throw shop::Plain{3};
    case 3: throw 42;
    case 4: throw "a text";
    case 5: throw new shop::Plain{4};
    case 6: throw shop::Late();
    case 7: throw std::exception(nullptr);
  }
}

int main(int count, char **words) {
  if (count > 1) raise(words[1][0] - '0');
  for (int kind = 0; kind < KINDS; kind++) {
    try {
      raise(kind);
    } catch (...) {
    }
  }
  return 0;
}
