"""What the measuring scripts have in common: their command line, and a process of its own for each configuration."""
import argparse
import fnmatch
import json
import pathlib
import subprocess
import sys

NETWORKS = pathlib.Path(__file__).with_name('networks.json')


def network(name):
    """The config values of a network, model_type among them."""
    return dict(json.loads(NETWORKS.read_text())[name])


def measured_apart(script, name, record):
    """Measures in a process of its own, so that nothing is left behind; its last line of output is the record."""
    done = subprocess.run([sys.executable, script, '--one', name], capture_output=True, text=True)
    lines = done.stdout.strip().splitlines()
    if done.returncode == 0 and lines:
        return json.loads(lines[-1])
    last = (done.stderr.strip().splitlines() or ['no output'])[-1]
    return record | {'error': last[:300]}


def command_line(script, description, runs, record_of, measure, figure):
    """`runs` are the configurations by name; `figure` is the key of a record that is printed as it comes."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--list', action='store_true', help='print the configurations and stop')
    parser.add_argument('--dry-run', action='store_true', help='print records without figures and stop')
    parser.add_argument('--only', default='*', help='configurations whose name matches this pattern')
    parser.add_argument('--output', type=pathlib.Path, help='file that records are appended to')
    parser.add_argument('--one', help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    wanted = arguments.one or arguments.only
    chosen = {name: run for name, run in runs.items() if name == wanted or fnmatch.fnmatch(name, wanted)}
    if not chosen:
        parser.error(f'no configuration is called {wanted}')
    if arguments.list:
        print('\n'.join(chosen))
    elif arguments.dry_run:
        known = json.loads(NETWORKS.read_text())
        for record in map(record_of, chosen.values()):
            if record['network'] not in known:
                parser.error(f"{NETWORKS.name} has no network {record['network']}")
            print(json.dumps(record))
    elif arguments.one:
        print(json.dumps(measure(chosen[arguments.one])))
    elif not arguments.output:
        parser.error('--output names the file that records are appended to')
    else:
        for name, run in chosen.items():
            record = measured_apart(script, name, record_of(run))
            with arguments.output.open('a') as file:
                file.write(json.dumps(record) + '\n')
            print(name, record.get(figure) or record.get('error'), flush=True)
