# The same as forced-vibration.js, from Python's standard library: nanopinwheel serves one answer per line.
# Run after `npm run build`: python3 examples/forced_vibration.py
import json
import os
import subprocess

here = os.path.dirname(os.path.abspath(__file__))
program = ["node", os.path.join(here, "..", "dist", "cli.js"), "serve", os.path.join(here, "two-vibrations.json")]
server = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

mass, spring, step, steps = 30, 4, 0.3, 2000
rest = [0.16, -0.19]
position = [0.25, -0.1]
velocity = [0.0, 0.0]


def forces():
    request = {"at": {"x": position[0], "y": position[1]}, "tolerance": 1e-6}
    server.stdin.write(json.dumps(request) + "\n")
    server.stdin.flush()
    answer = json.loads(server.stdout.readline())
    if isinstance(answer["error"], dict):  # otherwise the error estimate of the numbers
        raise RuntimeError(answer["error"]["message"])
    return answer


def kick(electrons):
    """Half a step of the velocities under spring, force and friction tensor of the electrons."""
    old = list(velocity)
    for i in range(2):
        drag = sum(electrons["friction"][i][j] * old[j] for j in range(2))
        velocity[i] += step / 2 * (spring * (rest[i] - position[i]) + electrons["force"][i] - drag) / mass


print("time        x         y         kinetic   current")
electrons = forces()
for i in range(1, steps + 1):
    kick(electrons)
    for k in range(2):
        position[k] += step * velocity[k]
    electrons = forces()
    kick(electrons)
    if i % 200 == 0:
        kinetic = mass / 2 * (velocity[0] ** 2 + velocity[1] ** 2)
        row = [i * step, *position, kinetic, electrons["current"]["left"]]
        print("  ".join(f"{value:.6f}" for value in row))

server.stdin.close()
if server.wait() != 0:
    raise SystemExit("the server failed")
