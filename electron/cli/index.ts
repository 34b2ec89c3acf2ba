import { Command } from 'commander';

const program = new Command('sotto').description('Sanitise recordings on this machine.');
await program.parseAsync();
