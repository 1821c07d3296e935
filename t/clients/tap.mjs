// TAP for the client tests: each test is a sentence and an async function that
// throws when it fails.

let count = 0;
let failed = 0;

export async function test(name, fn) {
    count += 1;
    try {
        await fn();
        console.log(`ok ${count} - ${name}`);
    } catch (error) {
        failed += 1;
        console.log(`not ok ${count} - ${name}`);
        for (const line of String(error.stack ?? error).split('\n')) {
            console.log(`# ${line}`);
        }
    }
}

export function done() {
    console.log(`1..${count}`);
    process.exitCode = failed === 0 ? 0 : 1;
}

export async function eventually(what, fn, timeout_ms = 10000) {
    const end = Date.now() + timeout_ms;
    for (;;) {
        const value = await fn();
        if (value) {
            return value;
        }
        if (Date.now() > end) {
            throw new Error(`${what}: not within ${timeout_ms} ms`);
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}
