import { afterEach, expect, it, vi } from 'vitest';
import { addDoctorCommand } from '../../src/commands/doctor.js';
import { EXIT_MISSING } from '../../src/errors.js';
import { runCommand } from './run-command.js';

afterEach(() => vi.unstubAllEnvs());

it('reports what is missing without failing', async () => {
  vi.stubEnv('PATH', '');
  const { stdout, exitCode } = await runCommand(addDoctorCommand, 'doctor');
  expect(stdout).toMatch(/^ok +node +v\d+/m);
  expect(stdout).toMatch(/^-- +arm-none-eabi-gcc +apt-get install gcc-arm-none-eabi /m);
  expect(exitCode).toBe(0);
});

it('fails with --require, and keeps to one JSON document', async () => {
  vi.stubEnv('PATH', '');
  const { stdout, stderr, exitCode } = await runCommand(
    addDoctorCommand,
    ...['doctor', '--require', 'pico', '--json'],
  );
  const { tools, problem } = JSON.parse(stdout);
  expect(tools).toContainEqual(
    expect.objectContaining({ name: 'qemu-system-arm', status: 'missing', debianPackage: 'qemu-system-arm' }),
  );
  expect(problem).toContain('arm-none-eabi-gcc');
  expect(stderr).toMatch(/^error: The board pico needs/);
  expect(exitCode).toBe(EXIT_MISSING);
});

it('is content with a board whose tools are installed', async () => {
  const { stdout, exitCode } = await runCommand(addDoctorCommand, 'doctor', '--require', 'host');
  expect(stdout).toContain('Everything that host needs is installed.');
  expect(exitCode).toBe(0);
});
