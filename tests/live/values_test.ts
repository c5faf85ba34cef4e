/** Types and values: what symbols say is what the compiler made, and what is read is what the program holds. */
import assert from "node:assert/strict";
import { DebugSession, EngineError, type Local, StateError } from "../../mod.ts";
import { debuggee, engineFolder, hostings } from "./support.ts";
import { type Check, checkEverything, contentsOf, type Truth, withValues } from "./values_support.ts";

async function stopped(hosting: "worker" | "inline", check: Check, words: readonly string[] = []): Promise<Truth> {
  await using session = new DebugSession({ hosting, engine: engineFolder() });
  return await withValues(session, [debuggee("values.exe"), ...words], check);
}

for (const hosting of hostings) {
  Deno.test(`values (${hosting}) of every kind of type are what the program says`, async () => {
    await stopped(hosting, checkEverything);
  });
}

Deno.test("what pointers lead to is followed, with its own type", async () => {
  await stopped("inline", async (program, _, truth) => {
    const order = await program.variable("values!g_order");
    assert.equal(await order.field("next").deref().field("price").read(), 12.5);
    assert.equal(await order.field("next").field("next").field("id").read(), 4711);
    assert.equal(await order.field("text").text(), "a text");
    assert.equal(await order.field("title").text(), "a title");
    assert.equal(await order.field("title").text({ length: 3 }), "a t");
    assert.equal(await order.field("name").text({ length: 4 }), "lant");
    assert.equal(await order.field("origin").field("y").read(), 1);
    assert.equal(await order.field("check").read(), truth.address("pointer", "check"));
    const any = order.field("any").deref().cast("values!shop::Point");
    assert.deepEqual(await any.read(), { x: -1, y: 1 });
    assert.deepEqual(await order.field("any").cast("values!shop::Point*").deref().read(), { x: -1, y: 1 });
    const pointer = await program.variable("values!g_pointer");
    assert.equal(pointer.type.name, "shop::Order*");
    assert.equal(await pointer.at(0).field("id").read(), 4711);
    const base = await program.variable("values!g_base");
    const derived = await base.deref().cast("values!shop::Derived").read();
    assert.deepEqual(derived, await (await program.variable("values!g_derived")).read());
    const { type } = await base.deref().resolve();
    assert.deepEqual(type.fields.map(({ name }) => name), ["value"]);
    const numbers = await program.variable("values!g_numbers");
    assert.deepEqual(
      await program.value("uint32_t[5]", numbers.address ?? 0n).read(),
      Uint32Array.of(1, 2, 3, 4, 0xffffffff),
    );
    assert.deepEqual(await program.value("unsigned short[2][2]", numbers.address ?? 0n).read(), [
      Uint16Array.of(1, 0),
      Uint16Array.of(2, 0),
    ]);
    assert.equal(await program.value("int*", program.image.base).resolve().then(({ type }) => type.name), "int*");
    const grid = await program.value("values!shop::Point[2]*", 0n).resolve();
    assert.deepEqual([grid.type.name, grid.type.size, grid.type.target?.count], ["shop::Point[2]*", 8, 2]);
  });
});

Deno.test("lists and trees of a program are walked", async () => {
  const nodes = 1_000;
  await stopped("worker", async (program) => {
    const head = await program.variable("values!g_list");
    const numbers: unknown[] = [];
    for await (const node of program.list("values!shop::Node", head, "next")) {
      numbers.push(await node.field("number").read());
    }
    assert.deepEqual(numbers, Array.from({ length: nodes }, (_, index) => index * index));
    const few: bigint[] = [];
    const first = await head.read() as bigint;
    for await (const node of program.list("values!shop::Node", first, "next", { limit: 3 })) {
      few.push(node.address ?? 0n);
    }
    assert.deepEqual(few, [first, first + 16n, first + 32n]);
    const items: unknown[] = [];
    for await (
      const item of program.list(
        "values!shop::Item",
        (await program.variable("values!g_items")).address ?? 0n,
        "links.next",
      )
    ) {
      items.push(await item.field("id").read());
    }
    assert.deepEqual(items, [70, 71, 72]); // by links that lead to links
    const keys: unknown[] = [];
    const walk = async (address: unknown): Promise<void> => {
      if (address === 0n) return;
      const tree = await program.value("values!shop::Tree", address as bigint).read() as Record<string, unknown>;
      await walk(tree["left"]);
      keys.push(tree["key"]);
      await walk(tree["right"]);
    };
    await walk(await (await program.variable("values!g_tree")).read());
    assert.deepEqual(keys, Array.from({ length: 15 }, (_, index) => BigInt(index + 1)));
  }, [`${nodes}`]);
});

Deno.test("a list that runs in a circle comes to an end", async () => {
  await stopped("inline", async (program) => {
    const head = await program.variable("values!g_list");
    let nodes = 0;
    const walk = async (from: bigint): Promise<void> => {
      nodes = 0;
      for await (const _ of program.list("values!shop::Node", from, "next")) nodes++;
    };
    await assert.rejects(walk(await head.read() as bigint), {
      name: "EngineError",
      message: /comes a second time, behind 10;/,
    });
    assert.equal(nodes, 10);
    await walk(await head.at(5).resolve().then(({ address }) => address ?? 0n)); // a ring from there
    assert.equal(nodes, 5);
  }, ["10", "ring"]);
});

Deno.test("what is written is what the program has then", async () => {
  const truth = await stopped("worker", async (program) => {
    const order = await program.variable("values!g_order");
    await order.field("id").write(-5);
    await order.field("price").write(-0.5);
    await order.field("weight").write(0.25);
    await order.field("paid").write(false);
    await order.field("name").write("torch");
    await order.field("wide").write("abc");
    await order.field("huge").write(2n ** 64n - 1n);
    await order.field("old").write(2_000_000_000);
    await order.field("tiny").write(-128);
    await order.field("color").write("Blue");
    await order.field("sign").write({ name: "Plus", value: 7 });
    await order.field("next").write(0n);
    await order.field("points").at(2).field("y").write(60);
    await order.field("rates").write(Float64Array.of(1.5, 2.5));
    const flags = order.field("flags");
    const bits = { low: 2, middle: -16, rest: -1n };
    await Promise.all(Object.entries(bits).map(([name, value]) => flags.field(name).write(value)));
    await flags.field("yes").write(false);
    await flags.field("color").write("Red");
    await (await program.variable("values!g_reference")).field("origin").field("x").write(8);
    await (await program.variable("values!t_own")).write(5);
    await (await program.variable("values!g_both")).field("value").write(310);
    for (
      const [value, wrong] of [[1e10, RangeError], [2.5, TypeError], ["x", TypeError], [true, TypeError], [
        {},
        TypeError,
      ]] as const
    ) {
      await assert.rejects(order.field("id").write(value), wrong, `${value}`);
    }
    await assert.rejects(flags.field("low").write(8), RangeError);
    await assert.rejects(order.field("name").write("a text that is too long"), RangeError);
    await assert.rejects(order.field("color").write("Pink"), { name: "TypeError", message: /one of Red, Green, Blue/ });
    await assert.rejects(order.write({ id: 1 }), { name: "TypeError", message: /member by member/ });
  });
  const said = contentsOf(truth, "again");
  const wanted: Record<string, string> = {
    ...{
      "g_order.id": "-5",
      "g_order.price": "-0.5",
      "g_order.weight": "0.25",
      "g_order.paid": "false",
      "g_order.name": "torch",
    },
    ...{
      "g_order.wide": "abc",
      "g_order.huge": "18446744073709551615",
      "g_order.old": "2000000000",
      "g_order.tiny": "-128",
    },
    ...{
      "g_order.color": "4",
      "g_order.sign": "7",
      "g_order.next": "0",
      "g_order.points[2].y": "60",
      "g_order.points[2].x": "5",
    },
    ...{
      "g_order.rates[0]": "1.5",
      "g_order.rates[1]": "2.5",
      "g_order.flags.low": "2",
      "g_order.flags.middle": "-16",
    },
    ...{ "g_order.flags.high": "703710", "g_order.flags.wide": "78187493530", "g_order.flags.rest": "-1" },
    ...{ "g_order.flags.yes": "false", "g_order.flags.color": "1", "g_origin.x": "8", "g_origin.y": "1", "t_own": "5" },
    ...{ "g_both.value": "310", "g_both.left": "32" },
  };
  for (const [path, is] of Object.entries(wanted)) assert.equal(said.get(path), is, path);
});

Deno.test("what cannot be had is refused, with the next step", async () => {
  await stopped("inline", async (program, threadId) => {
    const order = await program.variable("values!g_order");
    const failed = (message: RegExp) => (error: unknown): boolean =>
      error instanceof EngineError && error.kind === "failed" && message.test(error.message);
    await assert.rejects(
      program.variable("values!g_ordr"),
      failed(/Cannot find the variable values!g_ordr: .*x \/v values!\*/),
    );
    await assert.rejects(program.variable("nowhere!g_order"), failed(/Cannot find the variable/));
    await assert.rejects(program.variable("ntdll!NtClose"), failed(/symbols have none; give its type: program.value/));
    await assert.rejects(program.type("values!shop::Ordr"), failed(/Cannot find the type .*dt values!\*/));
    await assert.rejects(program.type("Ordr"), failed(/write it as module!name/));
    await assert.rejects(program.variable("g_order"), { name: "TypeError", message: /thread\.locals/ });
    await assert.rejects(program.type("values!main"), failed(/Cannot find the type/));
    await assert.rejects(order.field("grid").at(0).write(Float32Array.of(1, 2, 3)), TypeError);
    await assert.rejects(program.variable("values!g_or*"), { name: "TypeError", message: /it is a pattern/ });
    assert.throws(() => order.field("pice"), { name: "TypeError", message: /it has price, / });
    const day = await program.variable("values!g_day");
    assert.throws(() => day.field("hour"), {
      name: "TypeError",
      message: /several bases of shop::Day have it; write shop::Early::hour or shop::Late::hour/,
    });
    assert.throws(() => day.field("shop::Early::our"), { name: "TypeError", message: /it has hour/ });
    assert.throws(() => order.field("id").field("x"), { name: "TypeError", message: /int has no fields/ });
    assert.throws(() => order.field("points").at(3), { name: "RangeError", message: /has 3, counted from 0/ });
    assert.throws(() => order.field("id").at(0), { name: "TypeError", message: /neither an array nor a pointer/ });
    await assert.rejects(order.field("id").deref().read(), {
      name: "TypeError",
      message: /neither a pointer nor a reference/,
    });
    await assert.rejects(order.field("any").deref().read(), { name: "TypeError", message: /cast/ });
    await assert.rejects(order.field("handlers").at(1).deref().read(), failed(/it is null/));
    await assert.rejects(program.value("values!shop::Order", 16n).read(), failed(/Cannot read 320 bytes at 0x10/));
    await assert.rejects(program.value("int[1000000]", 16n).read(), {
      name: "RangeError",
      message: /read a part of it, or give bytes/,
    });
    await assert.rejects(order.read({ bytes: 100 }), { name: "RangeError", message: /320 bytes, more than 100/ });
    await assert.rejects(order.field("id").text(), { name: "TypeError", message: /neither an array of characters/ });
    const lazy = order.field("next").field("id");
    assert.throws(() => lazy.type, (error) => error instanceof StateError && error.kind === "unresolved");
    assert.equal((await lazy.resolve()).type.name, "int");
    const pointer = await program.variable("values!g_pointer");
    assert.equal(pointer.type.target?.name, "shop::Order");
    assert.throws(() => pointer.type.target?.fields, {
      name: "StateError",
      message: /only its name is known here; resolve\(\)/,
    });
    await assert.rejects(program.thread(threadId).locals(5_000), failed(/Cannot look into frame 5000/));
    await assert.rejects(program.thread(threadId).locals(-1), RangeError);
  });
});

Deno.test("names with signs of patterns mean what has exactly this name", async () => {
  await stopped("worker", async (program, _threadId, truth) => {
    const said = truth.about("named");
    assert.equal(said.length, 11);
    for (const { named } of said) {
      const address = truth.address("named", String(named));
      const name = `values!${named}`;
      assert.equal(await program.addressOf(name), address, name);
      assert.equal(
        await program.addressOf(name.replace(/measure|shop|vector/i, (word) => word.toUpperCase())),
        address,
        `${name} in other letters`,
      );
      const breakpoint = await program.breakpoint(name);
      assert.equal(breakpoint.address, address, `a breakpoint at ${name}`);
      await breakpoint.remove();
      if (/s_/.test(name)) assert.equal((await program.variable(name)).address, address);
    }
    assert.equal(await program.addressOf("values!measure<int *>"), null);
    await assert.rejects(program.breakpoint("later!Vector::operator*"), {
      name: "EngineError",
      message: /before its module is there: set it when the module is loaded/,
    });
    assert.equal((await program.type("values!shop::Box<char *,2>")).size, 16);
  });
});

Deno.test("a frame or registers that a command has chosen stay chosen when locals are read", async () => {
  await stopped("inline", async (program, threadId) => {
    const thread = program.thread(threadId);
    const own = await thread.locals();
    const names = (locals: readonly Local[]): string[] => locals.map(({ name }) => name);
    await program.execute(".frame 1");
    const before = [await program.execute(".frame"), await program.execute("dv"), await program.execute("r")];
    assert.deepEqual(names(await thread.locals()), names(own));
    assert.deepEqual(
      [await program.execute(".frame"), await program.execute("dv"), await program.execute("r")],
      before,
    );
    // The registers of the caller, as far as they are needed.
    const [, caller] = await thread.stack();
    const context = new DataView(new ArrayBuffer(1232));
    context.setUint32(0x30, 0x10000b, true);
    context.setBigUint64(0x98, caller?.stackAddress ?? 0n, true);
    context.setBigUint64(0xf8, caller?.address ?? 0n, true);
    const { address: place = 0n } = await program.variable("values!g_room");
    await program.memory.write(place, new Uint8Array(context.buffer));
    await program.execute(`.cxr 0x${place.toString(16)}`);
    const chosen = await program.execute("r rip, rsp");
    assert.deepEqual(names(await thread.locals()), names(own));
    assert.equal(await program.execute("r rip, rsp"), chosen);
    assert.match(chosen, new RegExp((caller?.address ?? 0n).toString(16)));
  });
});

for (const hosting of hostings) {
  Deno.test(`locals (${hosting}) of optimized and inlined functions are told where they are, and only those that are there`, async () => {
    await using session = new DebugSession({ hosting, engine: engineFolder() });
    const told: unknown[][] = [];
    session.on("exception", async ({ program, threadId, firstChance }) => {
      if (!firstChance) return;
      const thread = program.thread(threadId);
      for (let frame = 0; frame < 7; frame++) {
        for (const { name, value } of await thread.locals(frame)) {
          if (!value) continue;
          told.push([frame, name, value.address, await value.read()]);
          assert.match(value.register ?? "", /^\w{2,3}$/);
          await assert.rejects(value.write(1), { name: "EngineError", message: /thread\.writeRegister/ });
        }
      }
    });
    await session.launch([debuggee("inlined.exe")]);
    await session.wait();
    // As inlined.c computes them: main calls middle with 41, that leaf with a quarter, that stores twice as much.
    const quarter = Math.trunc(Math.trunc(41 / 2) / 2);
    assert.deepEqual(told, [
      [0, "value", undefined, 2 * quarter],
      [1, "value", undefined, quarter],
      [2, "value", undefined, quarter],
    ]);
  });
}
