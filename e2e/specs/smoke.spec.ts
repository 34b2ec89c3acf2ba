import { _electron, expect, test } from '@playwright/test';

test('the studio opens its window', async () => {
  const studio = await _electron.launch({ args: ['--no-sandbox', '.'] });
  const page = await studio.firstWindow();
  await expect(page.getByRole('heading', { name: 'Sotto' })).toBeVisible();
  await studio.close();
});
